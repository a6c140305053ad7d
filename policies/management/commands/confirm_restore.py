"""Go on after a database was restored from a backup."""

import csv
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies.models import Delivery
from policies.notices.queue import sql_dialect
from policies.notices.send import restore_guard
from policies.notices.send.try_journal import Fate
from policies.notices.upkeep import restoring
from policies.notices.write import recipients

QUESTION = """Of the uncertain ones nobody knows whether a mail went out. Left alone they are shown the prominent
notice, and the desk can send them again, notice by notice. Sent again, some of them may get a second copy.
leave / send / stop: """
# As many as somebody reads on a screen; a file has them all.
SHOWN = 20


class Command(BaseCommand):
    help = (
        "Let notices go on after a restore. What was certainly not sent since the backup stays in the queue, what a"
        " mail server took meanwhile counts as told; what to do with the rest is asked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--uncertain", choices=["leave", "send"], help="What to do with the uncertain ones, without being asked."
        )
        parser.add_argument(
            "--list", metavar="FILE", help="Write the uncertain ones to a file (CSV), and settle nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if restore_guard.hold() is None:
            self.stdout.write("This database is as far as the mark: there is nothing to confirm.")
            return
        found = restoring.look(at=sql_dialect.now())
        self._say(found)
        if options["list"]:
            _write(found.uncertain, Path(options["list"]))
            self.stdout.write(f"They are listed in {options['list']}; nothing was settled.")
            return
        choice = options["uncertain"] or ("leave" if not found.uncertain else self._ask(found.uncertain))
        settled = restoring.confirm(send_again=choice == "send", at=sql_dialect.now())
        self._say_settled(settled, choice)

    def _say(self, found: restoring.Look) -> None:
        if found.gap:
            self.stdout.write(f"Nothing is known of what was sent since the backup: {found.gap}.")
        for waiting in found.notices:
            self.stdout.write(f"Notice {waiting.notice.pk} ({waiting.notice}): {_words(waiting.by_fate)}")
        self.stdout.write(f"In all: {_words({fate: found.count(fate) for fate in Fate})}")

    def _ask(self, uncertain: list[int]) -> str:
        for row in _rows(uncertain[:SHOWN]):
            self.stdout.write("  " + ", ".join(filter(None, row)))
        if len(uncertain) > SHOWN:
            self.stdout.write(f"  and {len(uncertain) - SHOWN:,} more: --list FILE")
        choice = input(QUESTION).strip().lower() if sys.stdin.isatty() else ""
        if choice not in {"leave", "send"}:
            raise CommandError(
                "Nothing was settled. Say --uncertain leave or --uncertain send; --list FILE lists them."
            )
        return choice

    def _say_settled(self, settled: restoring.Look, choice: str) -> None:
        uncertain = settled.count(Fate.UNCERTAIN)
        self.stdout.write(f"{settled.count(Fate.UNSENT)} deliveries go on: they were certainly not sent.")
        if taken := settled.count(Fate.ACCEPTED):
            self.stdout.write(f"{taken} deliveries were sent since the backup, and count so.")
        if choice == "send":
            self.stdout.write(f"{uncertain} deliveries were uncertain and are sent again.")
        else:
            self.stdout.write(
                f"{uncertain} deliveries are uncertain now. The desk can send them again, notice by notice."
            )


def _words(by_fate: Any) -> str:
    return (
        f"{by_fate[Fate.UNSENT]} certainly unsent, {by_fate[Fate.ACCEPTED]} taken by the mail server since the backup,"
        f" {by_fate[Fate.UNCERTAIN]} uncertain."
    )


def _write(uncertain: list[int], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["notice", "recipient", "address", "message_id"])
        lines.writerows(_rows(uncertain))


def _rows(keys: list[int]) -> list[list[str]]:
    """Each with the notice, the recipient by the key of your own product, the address of now, and the Message-ID."""
    found = []
    at = sql_dialect.now()
    deliveries = Delivery.objects.filter(pk__in=keys).select_related("notice__version__policy").order_by("pk")
    for delivery in deliveries:
        contact = recipients.contacts_of(delivery.notice, [delivery.recipient_id], at=at).get(delivery.recipient_id)
        who = contact.account or f"#{delivery.recipient_id}" if contact else f"#{delivery.recipient_id}"
        address = contact.address if contact else ""
        found.append([str(delivery.notice), who, address, recipients.message_id(delivery.pk)])
    return found
