"""Go on after a database was restored from a backup."""

from typing import Any

from django.core.management.base import BaseCommand

from policies.notices.queue import sql_dialect
from policies.notices.send import restore_guard


class Command(BaseCommand):
    help = "Let notices go on after a restore. What may have been sent since the backup becomes uncertain."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if restore_guard.hold() is None:
            self.stdout.write("This database is as far as the mark: there is nothing to confirm.")
            return
        settled = restore_guard.confirm(at=sql_dialect.now())
        self.stdout.write(f"{settled} deliveries are uncertain now. The desk can send them again, notice by notice.")
