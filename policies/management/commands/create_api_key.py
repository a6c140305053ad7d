"""Make a key for a program; its secret is shown once and kept nowhere."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from policies import api_keys, clock
from policies.models import Scope


class Command(BaseCommand):
    help = "Make a key for a program; its secret is shown once and kept nowhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="Which program it is for; shown in the evidence as the source of its answers.")
        parser.add_argument("--scope", action="append", choices=Scope.values, required=True, help="May be given again.")
        parser.add_argument("--days", type=int, help="After how many days it expires.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        _key, secret = api_keys.create(
            name=options["name"],
            scopes=options["scope"],
            period=timedelta(days=options["days"]) if options["days"] else None,
            by=None,
            at=clock.now(),
        )
        self.stdout.write(secret)
