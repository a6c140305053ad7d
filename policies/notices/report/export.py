"""A notice's deliveries for other programs: CSV that no spreadsheet runs as a formula, and NDJSON as the exact form."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from policies.models import Delivery, Notice, Person
from policies.notices.write import recipients

COLUMNS = (
    "recipient_id",
    "external_id",
    "address",
    "state",
    "reason",
    "attempts",
    "uncertain_tries",
    "written_at",
    "finished_at",
    "message_id",
)
AT_ONCE = 2000
# OWASP, "CSV injection": what a spreadsheet would take for a formula, full-width forms included.
FORMULAS = tuple("=+-@\t\r＝＋－＠")


class _Line:
    """A file of one line: what csv writes is handed on at once."""

    def write(self, line: str) -> str:
        return line


def as_csv(notice: Notice) -> Iterator[str]:
    """Every delivery, a line at a time."""
    return csv_of(COLUMNS, _rows(notice))


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """RFC 4180, a line at a time. A cell that looks like a formula gets an apostrophe in front."""
    writer = csv.writer(_Line())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([harmless(row[name]) for name in columns])


def as_ndjson(notice: Notice) -> Iterator[str]:
    """One JSON object a line, every value as it is stored."""
    for row in _rows(notice):
        yield json.dumps(row, ensure_ascii=False) + "\n"


def harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


def _rows(notice: Notice) -> Iterator[dict[str, object]]:
    after = Delivery.first_key(notice.pk) - 1
    while batch := list(
        Delivery.objects.filter(pk__gt=after, pk__lt=Delivery.first_key(notice.pk + 1)).order_by("pk")[:AT_ONCE]
    ):
        after = batch[-1].pk
        names = dict(
            Person.objects.filter(pk__in=[row.recipient_id for row in batch]).values_list("pk", "external_id")
            if notice.stream == Notice.Stream.LEGAL
            else []
        )
        yield from (_row(delivery, names.get(delivery.recipient_id) or "") for delivery in batch)


def _row(delivery: Delivery, external_id: str) -> dict[str, object]:
    return {
        "recipient_id": delivery.recipient_id,
        "external_id": external_id,
        "address": delivery.address,
        "state": delivery.state,
        "reason": delivery.reason,
        "attempts": delivery.attempts,
        "uncertain_tries": delivery.uncertain_tries,
        "written_at": delivery.written_at.isoformat() if delivery.written_at else "",
        "finished_at": delivery.finished_at.isoformat() if delivery.finished_at else "",
        "message_id": recipients.message_id(delivery.pk) if delivery.written_at else "",
    }
