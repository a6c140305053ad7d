"""How each person stands to a version, as SQL: one definition for the counts, the lists, the CSV and the API."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from policies.models import Delivery, Notice, Version
from policies.notices.queue import sql_dialect

# Announcements of the change itself; a reminder or a correction tells nobody for the first time.
TELLING = (Notice.Kind.CHANGE, Notice.Kind.POSTPONED)
# A delivery that ended without a mail server taking the mail over; an index has these alone.
LOST = ("failed", "uncertain", "suppressed", "expired", "cancelled")


class State(TextChoices):
    """What of a person is on record about a version, in the order in which it is looked for."""

    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    WAIVED = "waived", _("let off by the desk")
    UNREACHED = "unreached", _("not reached by mail or on the site")
    WAITING = "waiting", _("no answer yet")


def conditions(notices: list[Notice]) -> dict[State, str]:
    """
    What makes each state, over the joins of `joins`; the first one that holds counts.

    Without a notice nobody is "unreached": nobody was written to.
    """
    # Never 0, which every standing would reach; said aloud, because the index of declines has only those.
    return {
        State.ACCEPTED: "s.agreed_number >= %(number)s",
        State.DECLINED: "(s.declined_number > 0 AND s.declined_number >= %(number)s)",
        State.WAIVED: "(s.waived_number > 0 AND s.waived_number >= %(number)s)",
        State.UNREACHED: f"({_unreached(notices)})",
        State.WAITING: "p.id IS NOT NULL",
    }


def is_in(state: State, notices: list[Notice]) -> str:
    """The condition of one state: its own, and none of those looked for before it."""
    found = conditions(notices)
    before = [found[each] for each in State if State.values.index(each) < State.values.index(state)]
    return " AND ".join([found[state], *(f"({condition}) IS NOT TRUE" for condition in before)])


def case(values: Mapping[State, str], notices: list[Notice]) -> str:
    """One value for each state."""
    cases = (f"WHEN {condition} THEN {values[state]}" for state, condition in conditions(notices).items())
    return f"CASE {' '.join(cases)} END"


def since(notices: list[Notice]) -> dict[State, str]:
    """From when on somebody is in each state; of a waiver the standing keeps no instant."""
    instant = "%(published)s::timestamptz" if sql_dialect.POSTGRESQL else "%(published)s"
    nothing = "NULL::timestamptz" if sql_dialect.POSTGRESQL else "NULL"
    return {
        State.ACCEPTED: "s.agreed_at",
        State.DECLINED: "s.declined_at",
        State.WAIVED: nothing,
        State.UNREACHED: f"d{len(notices) - 1}.finished_at" if notices else nothing,
        State.WAITING: f"CASE WHEN p.joined_at > {instant} THEN p.joined_at ELSE {instant} END",
    }


def joins(notices: list[Notice]) -> str:
    """Everybody with their standing, what mail did, and whether they saw the notice; each at most once."""
    return " ".join(["policies_person p", STANDING, *_deliveries(notices), SIGHT])


def candidates(notices: list[Notice]) -> str:
    """As `joins`, of those alone who may be "unreached": few, found by what became of the last announcement."""
    if not notices:
        return joins(notices)
    last = len(notices) - 1
    within = f"BETWEEN %(first{last})s AND %(after{last})s - 1"
    lost = f"SELECT recipient_id AS id FROM policies_delivery WHERE id {within} AND state IN ({_LOST})"
    came_back = (
        f"SELECT (delivery_id - %(first{last})s) / %(step)s FROM policies_deliveryfact"
        f" WHERE kind = 'bounced' AND delivery_id {within}"
    )
    # Made first: where most people saw the notice, the planner would rather read everybody than these few.
    people = (
        f"(WITH candidates AS MATERIALIZED (SELECT p.id, p.joined_at, p.closed_at, p.audiences FROM ({lost} UNION"
        f" {came_back}) c JOIN policies_person p ON p.id = c.id) SELECT * FROM candidates) p"
    )
    return joins(notices).replace("policies_person p", people)


# Few people were sent it once more; each by a notice of its own.
TOLD_ALONE = """NOT EXISTS (
    SELECT 1 FROM policies_notice o JOIN policies_delivery a ON a.id = o.id * %(width)s + p.id * %(step)s
    WHERE o.version_id = %(version)s AND o.kind = 'again' AND o.occasion = p.id AND a.state = 'accepted'
)"""
_LOST = ", ".join(f"'{state}'" for state in LOST)
STANDING = "LEFT JOIN policies_standing s ON s.person_id = p.id AND s.policy_id = %(policy)s"
SIGHT = "LEFT JOIN policies_noticeseen n ON n.person_id = p.id AND n.version_id = %(version)s"


def told_by(version: Version) -> list[Notice]:
    """The notices that told people of this version, the newest last."""
    found = version.notices.filter(stream=Notice.Stream.LEGAL, kind__in=TELLING)
    return list(found.exclude(audience_sha256="").order_by("pk"))


def parameters(version: Version, notices: list[Notice], *, at: datetime) -> dict[str, object]:
    """What the statements made of these parts are given."""
    found: dict[str, object] = {
        "policy": version.policy_id,
        "version": version.pk,
        "number": version.number or 0,
        "published": sql_dialect.instant(version.published_at),
        "at": sql_dialect.instant(at),
        "step": 1 << Delivery.CHANNEL_BITS,
        "width": Delivery.first_key(1),
    }
    for place, notice in enumerate(notices):
        found |= {f"first{place}": Delivery.first_key(notice.pk), f"after{place}": Delivery.first_key(notice.pk + 1)}
    return found


def _deliveries(notices: list[Notice]) -> Iterator[str]:
    for place, _notice in enumerate(notices):
        within = f"BETWEEN %(first{place})s AND %(after{place})s - 1"
        # By its key when a person leads to it, by its range when many are read at once.
        yield (
            f"LEFT JOIN policies_delivery d{place} ON d{place}.id = %(first{place})s + p.id * %(step)s"
            f" AND d{place}.id {within}"
        )
        yield (
            f"LEFT JOIN (SELECT DISTINCT delivery_id FROM policies_deliveryfact WHERE kind = 'bounced'"
            f" AND delivery_id {within}) b{place} ON b{place}.delivery_id = d{place}.id"
        )


def _unreached(notices: list[Notice]) -> str:
    """The last announcement has ended for them, none of them came through, and the notice was never shown."""
    if not notices:
        return "p.id IS NULL"
    last, came_back = len(notices) - 1, "b{n}.delivery_id IS NOT NULL"
    has_ended = f"(d{last}.state IN ({_LOST}) OR {came_back.format(n=last)})"
    others = (f"(COALESCE(d{n}.state, '') <> 'accepted' OR {came_back.format(n=n)})" for n in range(last))
    return " AND ".join([has_ended, "n.id IS NULL", TOLD_ALONE, *others])
