"""What is stored of a version, and what stays the same from version to version."""

import pytest

from policies import rendering
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_reworded_section_keeps_its_address_through_versions() -> None:
    policy = factories.make_version().policy
    for words in ("How long we keep your data", "How long we keep your data and mixes"):
        body = factories.BODY.replace("How long we keep it", words)
        version = factories.make_version(policy, body=body, published_at=factories.days_ago(20))
        anchors = [heading["anchor"] for heading in rendering.rendering_of(version.texts.get()).contents]
        assert "s-how-long-we-keep-it" in anchors
