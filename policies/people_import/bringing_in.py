"""Writing down what a file says, a thousand lines at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import TextIO

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from policies import account_mail
from policies.account_mail import Known
from policies.models import AuditEvent, Person, User
from policies.people_import import checking
from policies.people_import.cells import COLUMNS, Line
from policies.people_import.checking import Report, batches, differences, known_of


def bring_in(source: TextIO, *, name: str, by: User | None, at: datetime) -> Report:
    """
    Add and change people as a file says, unless anything in it is wrong: then only its problems are reported.

    Users, their addresses and their rights are out of reach. `source` is read twice.
    """
    found = checking.check(source, at=at)
    if found.problems:
        return found
    source.seek(0)
    report = Report(read_as=found.read_as)
    for batch in batches(source, report):
        created, changed = _write(batch, by=by, at=at)
        report.lines += len(batch)
        report.created += created
        report.changed += changed
    AuditEvent.record(
        "people.imported",
        by=by,
        at=at,
        file=AuditEvent.file_name(name),
        lines=report.lines,
        created=report.created,
        changed=report.changed,
    )
    return report


@transaction.atomic(durable=True)
def _write(batch: Sequence[Line], *, by: User | None, at: datetime) -> tuple[int, int]:
    """Write some lines, all or none. Nobody is on two of them: `check` saw to it."""
    known = known_of(batch)
    before = {person.pk: Known.of(person) for person in known.values()}
    fresh = {line.external_id: line for line in batch if line.external_id not in known}
    # Made whole, but for their guardians: changing rows afterwards costs ten times as much as making them.
    joined = [Person(**{"external_id": each, "joined_at": at, **line.values}) for each, line in fresh.items()]
    known |= {str(person.external_id): person for person in Person.objects.bulk_create(joined)}
    guardians = {line.guardian for line in batch if line.guardian} - set(known)
    people = known | {str(each.external_id): each for each in Person.objects.filter(external_id__in=guardians)}
    changed: dict[str, Person] = {}
    for line in batch:
        person = known[line.external_id]
        for name, value in differences(person, line).items():
            setattr(person, name, people[value] if name == "guardian" else value)
            changed[line.external_id] = person
    fields = [name for name in COLUMNS.values() if name != "external_id"]
    Person.objects.bulk_update(changed.values(), fields, batch_size=200)
    account_mail.people_moved(changed.values(), before=before, by=by, at=at)
    wards = [person.pk for person in changed.values() if person.guardian_id]
    if wards and Person.objects.filter(pk__in=wards).in_circles():
        # The file was right when it was checked: somebody gave guardians meanwhile.
        raise ValidationError(_("Somebody would be their own guardian: people were changed meanwhile. Try once more."))
    return len(fresh), len(set(changed) - set(fresh))
