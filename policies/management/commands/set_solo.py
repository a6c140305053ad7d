"""Switch solo mode of a policy, as the owner of the database; the desk can only where nobody else is there."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies import clock, publishing
from policies.models import Policy


class Command(BaseCommand):
    help = "Let one editor approve their own work for a policy, or end that. It goes on the record at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="The policy: the part of its address after /p/.")
        parser.add_argument("solo", choices=["on", "off"])
        parser.add_argument("--reason", required=True, help="Why. Kept for the evidence.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        policy = Policy.objects.at_address(options["slug"])
        if policy is None:
            raise CommandError(f"There is no policy at /p/{options['slug']}/.")
        is_on = options["solo"] == "on"
        if policy.solo == is_on:
            raise CommandError(f"Solo mode of {policy} is {options['solo']} already: nothing was changed.")
        try:
            publishing.set_solo(policy=policy, solo=is_on, reason=options["reason"], at=clock.now())
        except publishing.Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Solo mode of {policy} is {options['solo']} from now on.")
