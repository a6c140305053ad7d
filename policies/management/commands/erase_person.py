"""Erase a person: what says whose acts they were is deleted, the log stays whole."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies import clock
from policies.acceptance import erasing
from policies.evidence.lookup import NotOne, person_known_as


class Command(BaseCommand):
    help = "Erase a person: delete name, address, salts and links; the acts and the log stay and still verify."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", metavar="PERSON", help="External id, address, or #number.")
        parser.add_argument(
            "--ground", required=True, help="Why, such as “request of 2027-03-01”. Kept for ever: no names."
        )
        parser.add_argument("--yes", action="store_true", help="Do it; without this the command says what it would do.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        try:
            person = person_known_as(options["person"])
        except NotOne as error:
            raise CommandError(str(error)) from error
        if not options["yes"]:
            self.stdout.write(
                f"Would erase person {person.pk} and close {person.act_subjects.count()} acts. Add --yes."
            )
            return
        try:
            closed = erasing.erase(person=person, ground=options["ground"], by=None, at=clock.now())
        except erasing.OnHold as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Erased person {person.pk}; {closed} acts are closed.")
