"""What approval seals: byte for byte the same for ever, since its hash stands in the log."""

import json

import pytest

from policies import ledger
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

# What is sealed from then on, decision 081.
SECOND = (
    '{{"acceptance":"none","based_on":"1","class":"editorial","corrects":null,"date_precision":"day","effective_at":null,'
    '"format":2,"lowering_reason":"","override_reason":"","policy":"{policy}","reasons":[],"retroactive":false,'
    '"stated_date":null,"summary":{{"impact":"","what_changed":"","what_you_can_do":"","why":""}},"terms":{{"acceptance":'
    '"none","audience":["pilots"],"grace_days":30,"has_accounts":true,"language":"en","optional":false,'
    '"renewal_months":0,"solo":false,"time_zone":"Europe/Berlin"}},"texts":[{{"authoritative":true,"language":"en",'
    '"sha256":"{english}","short_version":"","title":"Privacy Policy"}}],"tier":"","visible_from":null,'
    '"written_reason":""}}'
)


def test_without_translated_answers_not_a_byte_differs_from_what_was_sealed_before_there_were_any() -> None:
    draft = factories.make_draft(**factories.MATERIAL)
    german = factories.make_text(draft, language="de", body="Kurz.\n")
    english = draft.texts.get(language="en")
    first = SEALED.format(policy=Policy.objects.get().pk, german=german.sha256, english=english.sha256)
    draft.manifest = first
    assert ledger.canonical_json(manifest.rebuilt(draft)) == first


def test_terms_are_sealed_and_the_policy_is_named_by_its_own_id() -> None:
    policy = factories.make_policy(time_zone="Europe/Berlin", audiences=("pilots",), grace_period_days=30)
    factories.make_version(policy)
    draft = factories.make_draft(policy)
    before = manifest.build(draft)
    assert before == SECOND.format(policy=policy.uid.hex, english=draft.texts.get().sha256)
    draft.manifest, draft.time_zone = before, "Europe/Berlin"
    factories.change_terms(policy, audiences=())
    draft.policy.refresh_from_db()
    assert ledger.canonical_json(manifest.rebuilt(draft)) == before != manifest.build(draft)


def test_translated_answers_are_sealed_with_their_text() -> None:
    draft = factories.make_draft(**factories.MATERIAL)
    factories.make_text(draft, language="de", **dict.fromkeys(ANSWERS, "Darum."))
    german, english = json.loads(manifest.build(draft))["texts"]
    assert german["summary"] == dict.fromkeys(ANSWERS, "Darum.")
    assert "summary" not in english
