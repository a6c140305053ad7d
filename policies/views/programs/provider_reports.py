"""What mail providers report by webhook. anymail's views check who says so; this only hands on what they said."""

from anymail.signals import tracking

from policies import clock
from policies.notices.returns import provider_reports


def hand_on(sender: object, event: object, esp_name: str, **_: object) -> None:  # noqa: ARG001 - anymail's names
    """Take one event that anymail has checked."""
    provider_reports.receive(event, source=esp_name, at=clock.now())


def listen() -> None:
    """Be told of anymail's events: its only way of handing them over."""
    tracking.connect(hand_on, dispatch_uid="policies.provider_reports")
