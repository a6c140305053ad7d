"""Whether mail from here can be accepted, as the desk shows it: before a notice, and as it was when one was planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from policies.admin.desk.instant_formats import in_zone
from policies.deliverability.faults import Gravity

# How each line is drawn, beside those of the promise check.
SIGNS = {Gravity.WRONG: "broken", Gravity.ADVICE: "advice", Gravity.UNKNOWN: "open"}


@dataclass(frozen=True)
class Line:
    """:ivar sign: how it is drawn; `label` says the same in words"""

    sign: str
    label: str
    said: str


@dataclass(frozen=True)
class DeliverabilityCard:
    """:ivar checked: when, in words; empty where nobody ever looked, and then `otherwise` says why"""

    checked: str
    lines: tuple[Line, ...]
    otherwise: str = ""


def card_of(known: Mapping[str, Any], zone: ZoneInfo, *, otherwise: str = "") -> DeliverabilityCard:
    """What `DeliverabilityCheck.known` gave, in words; times in this zone."""
    if not known:
        return DeliverabilityCard("", (), otherwise)
    labels = {Gravity.WRONG: _("Wrong"), Gravity.ADVICE: _("Advice"), Gravity.UNKNOWN: _("Not known")}
    graves = [(Gravity(each["gravity"]), each["said"]) for each in known["findings"]]
    lines = tuple(Line(SIGNS[gravity], labels[gravity], said) for gravity, said in graves)
    return DeliverabilityCard(in_zone(datetime.fromisoformat(known["at"]), zone), lines)
