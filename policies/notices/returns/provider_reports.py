"""
What mail providers report (anymail has checked the signature and brought all of them to one form).

Reports may come twice, late, or in any order: each is kept once beside the delivery, and none opens sending again. A
report counts only with a mark that cannot be guessed: the ids of deliveries can.
"""

import json
import logging
import re
from datetime import datetime

from policies.notices.returns import bounces

log = logging.getLogger(__name__)

# anymail.signals.EventType, in the words of RFC 3464.
ACTIONS = {
    "bounced": "failed",
    "rejected": "failed",
    "deferred": "delayed",
    "delivered": "delivered",
    "complained": "complained",
}
NUMBER = re.compile(r"\d{1,19}")


def report_of(event: object) -> bounces.Report | None:
    """One provider's event as a report about a delivery; None for an event that is not about one of our notices."""
    delivery_id = _delivery_of(event)
    action = ACTIONS.get(str(getattr(event, "event_type", "")))
    if delivery_id is None or not action:
        return None
    status = re.search(r"\b[245]\.\d{1,3}\.\d{1,3}\b", str(getattr(event, "mta_response", "") or ""))
    return bounces.Report(
        delivery_id=delivery_id,
        action=action,
        status=status[0] if status else "",
        text=" ".join(str(getattr(event, "description", "") or "").split())[:300],
        event=str(getattr(event, "event_id", "") or f"{delivery_id} {action}")[:200],
    )


def _delivery_of(event: object) -> int | None:
    """By what we gave the provider to report (by_http); by the return path, where it quotes that of a mail by SMTP."""
    metadata = getattr(event, "metadata", None) or {}
    given, mark = str(metadata.get("delivery", "")), str(metadata.get("mark", ""))
    if NUMBER.fullmatch(given) and bounces.is_marked(int(given), mark):
        return int(given)
    return bounces.first_of_ours(json.dumps(getattr(event, "esp_event", None), default=str))


def receive(event: object, *, source: str, at: datetime) -> bool:
    """Record what a provider reported; return whether it was new and about a notice of ours."""
    report = report_of(event)
    if report is None:
        log.warning("%s reports %s without a mark of ours; ignored", source, getattr(event, "event_type", "something"))
        return False
    return bounces.record(report, source=f"esp {source}"[:60], at=at)
