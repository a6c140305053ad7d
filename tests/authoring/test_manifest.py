"""What approval seals: byte for byte the same for ever, since its hash stands in the log."""

import json

import pytest

from policies.authoring import manifest
from policies.models import ANSWERS, Policy
from tests import factories

pytestmark = [pytest.mark.django_db]

# As it was sealed before a translation could have answers of its own.
SEALED = (
    '{{"acceptance":"none","based_on":null,"class":"material","date_precision":"day","effective_at":null,"format":1,'
    '"lowering_reason":"","override_reason":"","policy":{policy},"reasons":["retention"],"retroactive":false,'
    '"stated_date":null,"summary":{{"impact":"Your data stays with us a year longer.","what_changed":"We keep your data'
    ' for two years.","what_you_can_do":"Write to us, and we delete it earlier.","why":"Invoices can be questioned for'
    ' that long."}},"texts":[{{"authoritative":false,"language":"de","sha256":"{german}","short_version":"","title":'
    '"Privacy Policy"}},{{"authoritative":true,"language":"en","sha256":"{english}","short_version":"","title":'
    '"Privacy Policy"}}],"tier":"","written_reason":""}}'
)


def test_without_translated_answers_not_a_byte_differs_from_what_was_sealed_before_there_were_any() -> None:
    draft = factories.make_draft(**factories.MATERIAL)
    german = factories.make_text(draft, language="de", body="Kurz.\n")
    english = draft.texts.get(language="en")
    expected = SEALED.format(policy=Policy.objects.get().pk, german=german.sha256, english=english.sha256)
    assert manifest.build(draft) == expected


def test_translated_answers_are_sealed_with_their_text() -> None:
    draft = factories.make_draft(**factories.MATERIAL)
    factories.make_text(draft, language="de", **dict.fromkeys(ANSWERS, "Darum."))
    german, english = json.loads(manifest.build(draft))["texts"]
    assert german["summary"] == dict.fromkeys(ANSWERS, "Darum.")
    assert "summary" not in english
