"""Do without Celery what the workers do: sweep and send, until told to stop."""

import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection

from policies.notices.queue import sql_dialect
from policies.notices.send import sending
from policies.notices.upkeep.sweep import sweep
from policies.operations import maintenance, purging
from policies.webhooks import dispatch as webhooks
from policies.webhooks import effects

# Between two sweeps, in seconds.
EVERY = 2.0
# A database that went away is asked again after this many seconds.
PATIENCE = 1.0


class Command(BaseCommand):
    help = "Send what notices have due, seal the ledger and call webhooks, without Celery. Ctrl-C or SIGTERM ends it."
    # They would read the code of all pages, which is in none of its work until a mail is written.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="Stop as soon as nothing is due.")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        sender = sending.Sender(carrier=sending.carrier_from_settings(), stop=stop.is_set)
        purger = purging.Purger()
        handled = called = 0
        while not stop.is_set():
            try:
                is_due = sweep(at=sql_dialect.now(), worker=sender.worker)
                handled += sending.work(sender=sender, until=time.monotonic() + EVERY, now=sql_dialect.now)
                maintenance.seal(at=sql_dialect.now())
                maintenance.anchor(at=sql_dialect.now())
                maintenance.check_deliverability(at=sql_dialect.now())
                purger.purge_due()
                maintenance.do_daily(at=sql_dialect.now())
                effects.tell(at=sql_dialect.now())
                called += webhooks.work(until=time.monotonic() + EVERY, now=sql_dialect.now, stop=stop.is_set)
                is_due = is_due or webhooks.is_anything_due(sql_dialect.now())
            except Error as error:
                if once:
                    raise
                self.stderr.write(f"The database went away ({type(error).__name__}); asking again.")
                connection.close()
                is_due = True
                stop.wait(PATIENCE)
            if not is_due:
                if once:
                    break
                stop.wait(EVERY)
            close_old_connections()
        sender.close()
        self.stdout.write(f"{handled} deliveries handled, {called} webhooks called.")
