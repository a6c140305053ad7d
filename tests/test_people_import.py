"""People from a file: all of it is right or nothing is written, and each mistake is named where it is."""

import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from policies import people_import
from policies.models import AuditEvent, Person, Policy, User
from tests import people
from tests.factories import make_person, make_policy, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HEAD = "external_id,name,address,language,audience,guardian,joined_at,left_at\n"


def bring(text: str) -> people_import.Report:
    return people_import.bring_in(io.StringIO(text), name="people.csv", by=None, at=NOW)


@pytest.fixture
def pilots() -> Policy:
    return make_policy(audiences=("de", "pilots"))


@pytest.mark.usefixtures("pilots")
def test_people_are_added_and_changed_by_their_key() -> None:
    known = make_person(name="Old", language="de")
    report = bring(f'{HEAD}{known.external_id},"Berg, Uma",,,,,,\nnew-1,Mia,m@example.org,de,pilots de,,2025-02-01,\n')
    assert (report.created, report.changed, report.unchanged) == (1, 1, 0)
    known.refresh_from_db()
    assert (known.name, known.language) == ("Berg, Uma", "de")  # an empty cell leaves what is there
    mia = Person.objects.get(external_id="new-1")
    assert (mia.audiences, mia.joined_at) == (("de", "pilots"), datetime(2025, 2, 1, tzinfo=UTC))
    assert AuditEvent.objects.get(verb="people.imported").data["created"] == 1


WRONG = [
    ("x,,nobody,,,,,\n", "line 2, address: Enter a valid email address."),
    ("x,,jürgen@,,,,,\n", "line 2, address: Enter a valid email address."),
    (",Uma,,,,,,\n", "line 2, external_id: It is empty."),
    ("x,,,de_AT,,,,\n", "line 2, language: “de_AT” is no tag of a language."),
    ("x,,,,ünicode,,,\n", "line 2, audience: “ünicode” is no tag of an audience"),
    ("x,,,,pilots drumers,,,\n", "line 2, audience: “drumers” is no audience of any policy. Known are: de, pilots."),
    ("x,,,,,y,,\n", "line 2, guardian: Nobody is known as “y”"),
    ("x,,,,,x,,\n", "line 2, guardian: Nobody is their own guardian"),
    ("x,,,,,,yesterday,\n", "line 2, joined_at: Write a day as 2026-03-01"),
    ("x,,,,,,2026-03-01T10:00,\n", "line 2, joined_at: Write a day as 2026-03-01"),
    ("x,,,,,,2026-13-01,\n", "line 2, joined_at: Write a day as 2026-03-01"),
    ("x,,,,,,2026-03-02,2026-03-01\n", "line 2, left_at: They would leave before they joined"),
    ("x,,,,\n", "line 2: It has 5 cells, the first line has 8"),
    ('x,"a\nb",,,,,,\n', "line 3, name: Line breaks and control characters"),
    ("x,a\0b,,,,,,\n", "line 2"),
    ("x,amU\u202e,,,,,,\n", "line 2, name: Line breaks and control characters are not allowed here (U+202E)."),
    ("x\u200b,Uma,,,,,,\n", "line 2, external_id: Line breaks and control characters"),
    (f"x,{'n' * 201},,,,,,\n", "line 2, name: It is longer than 200 characters."),
    ('x,"open,,,,,,\n', "line 2: It is no CSV"),
    (f"x,{'n' * 200_000},,,,,,\n", "line 2: It is no CSV"),
]


@pytest.mark.usefixtures("pilots")
@pytest.mark.parametrize(("line", "said"), WRONG, ids=[said for _line, said in WRONG])
def test_a_mistake_is_named_and_nothing_is_written(line: str, said: str) -> None:
    report = bring(f"{HEAD}{line}")
    assert said in str(report.problems[0])
    assert not Person.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "head", ["", "name\n", "external_id,password\n", "external_id,name,name\n", "external_id|name\n"]
)
def test_a_file_without_its_columns_is_refused(head: str) -> None:
    assert bring(f"{head}x,y\n").problems[0].line == 1


def test_right_lines_before_a_wrong_one_are_not_written() -> None:
    lines = "".join(f"id-{number},,,,,,,\n" for number in range(1500))
    report = bring(f"{HEAD}{lines}bad,,nobody,,,,,\n")
    assert [problem.line for problem in report.problems] == [1502]
    assert not Person.objects.exists()


def test_a_run_that_was_cut_short_goes_on_when_it_is_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "".join(f"id-{number},N,,,,,,\n" for number in range(2500))

    class CutShort(io.StringIO):
        """A disk that fails while the third thousand is read for the second time."""

        reads = 0

        def __next__(self) -> str:  # type: ignore[override]
            self.reads += 1
            if self.reads == 2501 + 2200:
                raise OSError("gone")
            return super().__next__()

    with pytest.raises(OSError, match="gone"):
        people_import.bring_in(CutShort(text), name="people.csv", by=None, at=NOW)
    assert Person.objects.count() == 2000
    again = bring(text)
    assert (again.created, again.changed, again.unchanged) == (500, 0, 2000)


@pytest.mark.parametrize(
    "saved",
    [
        b"external_id,name\r\nx-1,J\xc3\xbcrgen\r\n",
        b"\xef\xbb\xbfexternal_id;name\r\nx-1;J\xc3\xbcrgen\r\n",
        b"External_ID;Name;;\r\nx-1;J\xfcrgen;;\r\n;;;\r\n",
        "external_id\tname\r\nx-1\tJürgen\r\n".encode("utf-16"),
        b'EXTERNAL_ID,NAME,\r\n"x-1","J\xfcrgen",\r\n',
    ],
    ids=["UTF-8", "with a BOM", "Windows-1252", "Unicode text", "trailing commas"],
)
def test_a_file_as_excel_saves_it_is_read(saved: bytes) -> None:
    with people_import.reading(io.BytesIO(saved)) as source:
        report = people_import.bring_in(source, name="people.csv", by=None, at=NOW)
    assert report.problems == []
    assert Person.objects.get(external_id="x-1").name == "Jürgen"
    assert bool(report.read_as) == (b"\xfc" in saved and not saved.startswith(b"\xff"))


def test_the_same_id_twice_is_an_error_with_both_lines() -> None:
    report = bring(f"{HEAD}x,,,,,,,\ny,,,,,,,\nx,Uma,,,,,,\n")
    assert [str(problem) for problem in report.problems] == [
        "line 4, external_id: “x” is on line 2 already. Leave one of the two."
    ]
    assert not Person.objects.filter(external_id__in=["x", "y"]).exists()


def test_what_stands_beyond_the_last_column_is_no_trailing_comma() -> None:
    assert "It has 9 cells" in str(bring(f"{HEAD}x,,,,,,,,more\n").problems[0])


def test_nobody_is_their_own_guardian_over_others() -> None:
    bring(f"{HEAD}a,,,,,,,\n")
    report = bring(f"{HEAD}b,,,,,a,,\nc,,,,,b,,\na,,,,,c,,\n")
    assert [str(problem) for problem in report.problems] == [
        "line 4, guardian: They would be their own guardian, over others. Correct one of them."
    ]
    assert Person.objects.count() == 1


def test_nor_over_somebody_on_record() -> None:
    top = make_person()
    low = make_person(guardian=make_person(guardian=top))
    assert [problem.line for problem in bring(f"{HEAD}{top.external_id},,,,,{low.external_id},,\n").problems] == [2]
    assert bring(f"{HEAD}new,,,,,{low.external_id},,\n").problems == []


def test_a_circle_that_was_closed_between_check_and_writing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    top, low = make_person(), make_person()
    real = people_import.check

    def check_and_be_overtaken(*args: Any, **kwargs: Any) -> people_import.Report:
        report = real(*args, **kwargs)
        Person.objects.filter(pk=low.pk).update(guardian=top)
        return report

    monkeypatch.setattr(people_import.checking, "check", check_and_be_overtaken)
    with pytest.raises(ValidationError, match="their own guardian"):
        bring(f"{HEAD}{top.external_id},,,,,{low.external_id},,\n")


def test_a_guardian_may_stand_on_a_line_before() -> None:
    assert not bring(f"{HEAD}mother,,,,,,,\nchild,,,,,mother,,\n").problems
    child = Person.objects.get(external_id="child")
    assert child.guardian is not None
    assert child.guardian.external_id == "mother"


def test_formulas_come_back_as_they_went_out_and_stay_text() -> None:
    bring(f"{HEAD}x,'=1+1,,,,,,\n")
    assert Person.objects.get().name == "=1+1"


def test_users_and_their_rights_are_out_of_reach() -> None:
    user = people.uma()
    before = User.objects.filter(pk=user.pk).values().get()
    assert bring(f"{HEAD}uma,Uma,other@example.org,,,,,\n").changed == 1
    assert User.objects.filter(pk=user.pk).values().get() == before


def test_an_erased_person_is_not_brought_back_to_their_row() -> None:
    erased = make_person(closed_at=NOW)
    Person.objects.filter(pk=erased.pk).update(external_id=None, erased_at=NOW)
    assert bring(f"{HEAD}{erased.external_id},,,,,,,\n").created == 1
    assert Person.objects.get(pk=erased.pk).external_id is None


def test_a_long_file_needs_no_more_memory_than_a_short_one() -> None:
    class Lines(io.TextIOBase):
        """A file that is made as it is read."""

        def __init__(self, count: int) -> None:
            self.count = count

        def __iter__(self) -> Iterator[str]:  # type: ignore[override]
            yield "external_id,name\n"
            for number in range(self.count):
                yield f"id-{number},N\n"

    def peak(count: int) -> int:
        tracemalloc.start()
        people_import.check(Lines(count), at=NOW)  # type: ignore[arg-type]
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(2000)
    assert peak(20_000) < 1.5 * peak(4000) + 200_000


def test_the_command_says_what_it_would_do_and_does_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"\ufeff{HEAD}x,,,,,,,\n")  # as spreadsheets save it
    call_command("import_people", str(file), dry_run=True)
    assert "Would add 1 people" in capsys.readouterr().out
    assert not Person.objects.exists()
    call_command("import_people", str(file))
    assert "Added 1 people" in capsys.readouterr().out
    file.write_bytes(b"external_id,name\nx,\xff\x81\n")
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("import_people", str(file))
    assert "what no text holds" in capsys.readouterr().err
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_people", str(tmp_path / "none.csv"))


def at_the_desk(role: str) -> Client:
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return people.signed_in(user)


def upload(client: Client, content: str, **fields: Any) -> Any:
    file = SimpleUploadedFile("people.csv", content.encode())
    return client.post("/admin/policies/person/import/", {"file": file, **fields})


def test_counsel_brings_a_file_in_at_the_desk() -> None:
    client = at_the_desk("counsel")
    assert upload(client, f"{HEAD}x,,,,,,,\n", is_dry_run="on").status_code == 302
    assert not Person.objects.exists()
    refused = upload(client, f"{HEAD}x,,nobody,,,,,\n")
    assert refused.status_code == 409
    assert "line 2, address" in refused.content.decode()
    assert upload(client, f"{HEAD}x,,,,,,,\n").status_code == 302
    assert Person.objects.get().external_id == "x"


@pytest.mark.parametrize("role", ["author", "publisher", "support"])
def test_nobody_else_at_the_desk_does(role: str) -> None:
    assert upload(at_the_desk(role), f"{HEAD}x,,,,,,,\n").status_code == 403
    assert not Person.objects.exists()


def test_a_file_too_large_for_the_desk_says_where_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policies.admin.person.people_import.LARGEST_FILE", 10)
    assert "manage.py import_people" in upload(at_the_desk("counsel"), HEAD).content.decode()
