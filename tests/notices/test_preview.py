"""The mail as the publish page shows it before anybody pressed."""

import pytest

from policies.notices import messages
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_draft_is_shown_under_the_number_it_would_get() -> None:
    version = factories.make_approved(factories.make_version().policy)
    shown = messages.preview(version, "en")
    assert "version 2" in shown.text
    assert "draft" not in shown.text
    assert version.number is None
