"""An imported text hands over what it says of itself."""

import json
from datetime import date

import pytest

from policies import authoring, clock
from policies.models import Version
from tests import factories, people
from tests.corpus.shared import SEEDS, needs_seeds

pytestmark = pytest.mark.django_db


def imported(source: str | bytes, language: str = "en") -> Version:
    given = source.encode() if isinstance(source, str) else source
    policy = factories.make_policy()
    return authoring.import_draft(
        policy=policy, source=given, filename="", language=language, by=people.edith(), at=clock.now()
    ).version


@pytest.mark.parametrize(
    ("line", "stated", "precision"),
    [
        ("Last updated: April 2025", date(2025, 4, 1), "month"),
        ("Last updated: May 5, 2026", date(2026, 5, 5), "day"),
        ("Effective date: May 5, 2026", None, "day"),
        ("Last updated: 3/4/2025", None, "day"),
        ("We keep your name.", None, "day"),
    ],
)
def test_the_stated_date_and_its_precision_stand_in_the_form(line: str, stated: date | None, precision: str) -> None:
    draft = imported(f"# Terms\n\n{line}\n\nBe kind.\n")
    assert (draft.stated_date, draft.date_precision) == (stated, precision)


def test_a_translation_dates_nothing() -> None:
    assert imported("# Regeln\n\nStand: Mai 2026\n\nSeid nett.\n", language="de").stated_date is None


@needs_seeds
@pytest.mark.parametrize("name", sorted(path.name for path in SEEDS.glob("*.txt")))
def test_a_source_document_keeps_the_date_it_states(name: str) -> None:
    expected = json.loads((SEEDS / "expectations.json").read_text())[name]["last_updated"]
    draft = imported((SEEDS / name).read_bytes())
    assert draft.date_precision == expected["precision"]
    assert str(draft.stated_date).startswith(expected["value"])
