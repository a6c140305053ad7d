"""The changes of a version's date in a pack: each with its entry in the log and what was judged, and none left out."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from policies import clock, ledger, publishing
from policies.evidence.pack import packing
from policies.ledger import notes
from tests import factories, people
from tests.evidence.pack.test_packing import signed_anew, verify
from tests.publishing.test_bringing_forward import announced, bring_forward, promising

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The evidence about a version that was brought forward, against the promise, and then postponed."""
    version = announced(promising(30))
    bring_forward(version, factories.in_days(20), by=people.ravi(), override_reason="A court said so.")
    later, by = factories.in_days(25), people.edith()
    publishing.postpone(version=version, effective_at=later, reason="Wait.", by=by, at=clock.now())
    at = clock.now() + timedelta(minutes=1)
    ledger.seal_all(at=at)
    version.refresh_from_db()
    zipfile.ZipFile(io.BytesIO(packing.build(packing.of_version(version), at=at))).extractall(tmp_path / "pack")
    return tmp_path / "pack"


def entries_of(pack: Path) -> Any:
    return json.loads((pack / "01-publications.json").read_text())


def changed(pack: Path, entries: Any) -> list[str]:
    return signed_anew(pack, **{"01-publications.json": json.dumps(entries).encode()})


def test_they_are_there_with_what_was_judged_and_verify_in_a_bare_python(pack: Path) -> None:
    sooner, later = entries_of(pack)[-1]["dates"]
    assert [each["body"]["kind"] for each in (sooner, later)] == ["brought-forward", "postponement"]
    assert sooner["body"]["promise"]["overridden"] is True
    assert any(line["kept"] is False for line in sooner["lines"])
    code, said = verify(pack, "--key", notes.verifier())
    assert said.startswith("PASS: ")
    assert code == 0
    assert sorted(path.name.rpartition("-")[0] for path in (pack / "proofs").glob("[bp]*")) != []
    assert list((pack / "proofs").glob("brought-forward-*"))


def test_the_cover_and_the_promises_say_it(pack: Path) -> None:
    cover = (pack / "00-cover.html").read_text()
    assert "Brought forward on" in cover
    assert "A court said so." in cover
    assert "not kept; overridden by an approver" in cover
    assert "A court said so." in next(pack.glob("*promise*")).read_text()


def test_none_is_left_out_or_said_otherwise(pack: Path) -> None:
    assert signed_anew(pack) == []
    entries = entries_of(pack)
    sooner, later = entries[-1]["dates"]
    for dates, problem in (
        ([sooner], "does not take effect when its last change of date says"),
        ([later], "it is not about this date"),
        ([{**sooner, "lines": []}, later], "how it stood against the promise is not what was recorded"),
        ([{**sooner, "to": later["to"]}, later], "it is not about this date"),
        ([{**sooner, "body": {**sooner["body"], "reason": "x"}}, later], "the log does not have it"),
    ):
        entries[-1]["dates"] = dates
        assert any(problem in each for each in changed(pack, entries)), problem


def test_a_pack_from_before_they_were_listed_still_verifies(pack: Path) -> None:
    entries = entries_of(pack)
    for entry in entries:
        del entry["dates"], entry["effective_at"]
    assert changed(pack, entries) == []
