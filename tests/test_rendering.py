"""What is stored of a version, and what stays the same from version to version."""

import hashlib
import json

import pytest
from django.conf import settings

from policies import language_names, rendering
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_reworded_section_keeps_its_address_through_versions() -> None:
    policy = factories.make_version().policy
    for words in ("How long we keep your data", "How long we keep your data and mixes"):
        body = factories.BODY.replace("How long we keep it", words)
        version = factories.make_version(policy, body=body, published_at=factories.days_ago(20))
        anchors = [heading["anchor"] for heading in rendering.rendering_of(version.texts.get()).contents]
        assert "s-how-long-we-keep-it" in anchors


def test_other_words_of_a_redline_are_another_renderer() -> None:
    """What was bound has to come out again: whoever changes these words in any language gives the renderer a number."""
    said = {}
    for language, _name in settings.LANGUAGES:
        with language_names.speaking(language):
            said[language] = {
                name: getattr(words, "phrases", words) for name, words in vars(rendering._labels()).items()
            }
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    assert (rendering.RENDERER.partition("/")[0], digest[:12]) == ("4", "c84a28b1993e")
