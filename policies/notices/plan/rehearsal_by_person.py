"""
The rehearsal, person by person: who would be told of a version by which channel, who would not, and why.

There is one definition of each thing: whom a policy binds and how they are reached stands in policies.models.people,
which addresses get no mail in `addresses`. The frozen audience and the senders use the same.
"""

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _

from policies.models import Delivery, Person, Policy, people
from policies.notices.returns import mail_addresses

# So many people are looked at in one query of a list, and so many in all before the reader is asked to go on.
AT_ONCE = 1000
MOST_LOOKED_AT = 20_000


class Fate(TextChoices):
    """What the notice would do about a person. Where a mail would end, it says so in the words of the delivery."""

    MAIL = "mail", _("mail to their own address")
    GUARDIAN = "guardian", _("mail to their guardian, in their place")
    NO_ADDRESS = Delivery.Reason.NO_ADDRESS.value, _("no address is known")
    BAD_ADDRESS = Delivery.Reason.BAD_ADDRESS.value, _("no mail server would take the address")
    BOUNCED = Delivery.Reason.BOUNCED.value, _("mail to this address came back before")
    COMPLAINED = Delivery.Reason.COMPLAINED.value, _("complained about mail before")
    BLOCKED = Delivery.Reason.BLOCKED.value, _("the address was taken off by hand")
    ERASED = Delivery.Reason.ERASED.value, _("the address was erased")
    OTHER_AUDIENCE = "other_audience", _("the policy is not for them: another audience")
    JOINS_LATER = "joins_later", _("has not joined yet: told on joining, if that is before the effect")
    LEFT = Delivery.Reason.LEFT.value, _("closed their account")
    FORGOTTEN = "forgotten", _("was erased at their request")
    NO_ACCOUNTS = "no_accounts", _("the policy has no accounts, so it binds nobody by name")


BY_MAIL = (Fate.MAIL, Fate.GUARDIAN)
# In the audience, and shown the prominent notice in place of a mail.
ON_SITE = (Fate.NO_ADDRESS, Fate.BAD_ADDRESS, Fate.BOUNCED, Fate.COMPLAINED, Fate.BLOCKED, Fate.ERASED)
NOT_BOUND = (Fate.OTHER_AUDIENCE, Fate.JOINS_LATER, Fate.LEFT, Fate.FORGOTTEN, Fate.NO_ACCOUNTS)
# What only a look at the address itself shows.
BY_ADDRESS = (Fate.BAD_ADDRESS, Fate.BOUNCED, Fate.COMPLAINED, Fate.BLOCKED, Fate.ERASED)


@dataclass(frozen=True)
class Listed:
    """Some people of one fate; `after` is where to go on, None at the end. A page may be short, or even empty."""

    people: tuple[Person, ...]
    after: int | None


def count(policy: Policy, *, at: datetime) -> Mapping[Fate, int]:
    """
    Count everybody on record by what a notice at `at` would do about them; fates of nobody are missing.

    At most seven queries for any number of people. Each address is looked at, and hashed where any is suppressed: that
    list holds keyed hashes, and the key never goes to the database.
    """
    # Apart, so that a million people are not joined with their guardians.
    groups = (
        _sorted(Person.objects.filter(guardian=None).annotate(reach=F("address")), policy, at),
        _sorted(Person.objects.filter(guardian__isnull=False).annotate(reach=people.REACH), policy, at),
    )
    counts: Counter[Fate] = Counter()
    for group in groups:
        counts.update({Fate(fate): n for fate, n in group.order_by().values_list("fate").annotate(n=Count("pk"))})
    against = mail_addresses.reasons_by_hash()
    for group, fate in itertools.product(groups, BY_MAIL):
        if counts[fate]:
            ended = _ended(group.filter(fate=fate), against)
            counts.update(ended)
            counts[fate] -= ended.total()
    return {fate: n for fate, n in counts.items() if n}


def fates(policy: Policy, ids: Collection[int], *, at: datetime) -> dict[int, Fate]:
    """What a notice at `at` would do about each of these people."""
    rows = _sorted(_everybody(), policy, at).filter(pk__in=ids).values_list("pk", "reach", "fate")
    return dict(_looked_at(list(rows)))


def listed(policy: Policy, fate: Fate, *, after: int = 0, size: int = 50, at: datetime) -> Listed:
    """The next people of a fate, by id. At most `MOST_LOOKED_AT` people are looked at, however rare the fate is."""
    broad = BY_MAIL if fate in BY_ADDRESS else (fate,)
    candidates = _sorted(_everybody(), policy, at).filter(fate__in=broad).order_by("pk")
    candidates = candidates.values_list("pk", "reach", "fate")
    found: list[int] = []
    for _round in range(MOST_LOOKED_AT // AT_ONCE):
        rows = list(candidates.filter(pk__gt=after)[:AT_ONCE])
        found += [pk for pk, exact in _looked_at(rows) if exact == fate]
        if len(found) > size:
            return Listed(_people(found[:size]), found[size - 1])
        if len(rows) < AT_ONCE:
            return Listed(_people(found), None)
        after = rows[-1][0]
    return Listed(_people(found), after)


def _sorted(everybody: QuerySet[Any], policy: Policy, at: datetime) -> QuerySet[Any]:
    """People with their `reach`, and with their `fate` as far as it shows without a look at the address."""
    has_left, has_joined = ~people.has_not_left(at), people.has_joined(at)
    in_their_place = Q(guardian__isnull=False) & ~Q(reach=F("address"))
    cases = (
        When(has_left & Q(erased_at__isnull=False), then=Value(Fate.FORGOTTEN)),
        When(has_left, then=Value(Fate.LEFT)),
        When(~has_joined, then=Value(Fate.JOINS_LATER)),
        *([When(~people.is_in_audience(policy), then=Value(Fate.OTHER_AUDIENCE))] if policy.audiences else []),
        When(reach="", then=Value(Fate.NO_ADDRESS)),
        When(in_their_place, then=Value(Fate.GUARDIAN)),
    )
    fate: Case | Value = Case(*cases, default=Value(Fate.MAIL), output_field=CharField())
    if not policy.has_accounts:
        fate = Value(Fate.NO_ACCOUNTS, output_field=CharField())
    found: QuerySet[Any] = everybody.annotate(fate=fate)
    return found


def _looked_at(rows: Collection[tuple[int, str, str]]) -> Iterator[tuple[int, Fate]]:
    blocked = mail_addresses.suppressed({reach for _pk, reach, fate in rows if fate in BY_MAIL})
    for pk, reach, fate in rows:
        if fate in BY_MAIL and reach in blocked:
            yield pk, Fate(blocked[reach])
        elif fate in BY_MAIL and not mail_addresses.is_usable(reach):
            yield pk, Fate.BAD_ADDRESS
        else:
            yield pk, Fate(fate)


def _ended(mailed: QuerySet[Any], against: Mapping[str, str]) -> Counter[Fate]:
    """How many of those who would get a mail would not, for what their address is."""
    ended: Counter[Fate] = Counter()
    for reach in mailed.order_by().values_list("reach", flat=True).iterator(chunk_size=20_000):
        reason = against.get(mail_addresses.fingerprint(reach)) if against else None
        if reason:
            ended[Fate(reason)] += 1
        elif not mail_addresses.is_usable(reach):
            ended[Fate.BAD_ADDRESS] += 1
    return ended


def _everybody() -> QuerySet[Any]:
    return Person.objects.annotate(reach=people.REACH)


def _people(ids: Collection[int]) -> tuple[Person, ...]:
    return tuple(Person.objects.filter(pk__in=ids).order_by("pk").select_related("guardian"))
