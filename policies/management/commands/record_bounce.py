"""Record a mail that came back, as a mail server pipes it in."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from policies import clock
from policies.notices.returns import bounces


class Command(BaseCommand):
    help = "Read one delivery status notification (RFC 3464) from standard input and record what it reports."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        reports = bounces.read(sys.stdin.buffer.read(bounces.LONGEST_REPORT))
        recorded = sum(bounces.record(report, source="dsn", at=clock.now()) for report in reports)
        self.stdout.write(f"{recorded} of {len(reports)} reports recorded.")
