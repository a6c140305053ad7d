"""Write an evidence pack about a person, a version or a cohort."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from policies import clock
from policies.evidence.lookup import NotOne, person_known_as
from policies.evidence.pack import packing
from policies.models import Person, Policy
from policies.models.fields import Label
from policies.operations import maintenance


class Command(BaseCommand):
    help = "Write an evidence pack (a ZIP that verifies itself) about a person, a version or a cohort."

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Let --version name one of a policy's versions; Django's own says only which Django this is."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        about = parser.add_mutually_exclusive_group(required=True)
        about.add_argument("--user", metavar="ID", help="A person: external id, address, or #number.")
        about.add_argument(
            "--version", "--version-of", dest="version_of", metavar="SLUG/NUMBER", help="A version, such as terms/3."
        )
        about.add_argument("--cohort", metavar="TAG", help="Everybody in this audience.")
        parser.add_argument("--output", metavar="FILE", help="Where to write it; otherwise a name of its own, here.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        scope = _scope(options)
        at = clock.now()
        maintenance.sign(at=at)
        try:
            pack = packing.build(scope, at=at)
        except packing.NothingSealed as error:
            raise CommandError("Nothing is in the ledger yet: there is nothing to prove.") from error
        output = Path(options["output"] or packing.file_name(scope, at=at))
        output.write_bytes(pack)
        self.stdout.write(f"{output}: {len(scope.people)} people, {len(scope.acts)} acts, {len(pack):,} bytes")


def _scope(options: dict[str, Any]) -> packing.Scope:
    if options["user"]:
        try:
            return packing.of_person(person_known_as(options["user"]))
        except NotOne as error:
            raise CommandError(str(error)) from error
    if options["version_of"]:
        slug, _slash, written = options["version_of"].partition("/")
        policy, label = Policy.objects.at_address(slug), Label.read(written)
        version = policy.versions.published().labelled(label).first() if policy and label else None
        if version is None:
            raise CommandError(f"There is no published version {options['version_of']}. Write it as terms/3.")
        return packing.of_version(version)
    if not Person.objects.filter(audiences__any_of=(options["cohort"],)).exists():
        raise CommandError(f"Nobody is in the audience {options['cohort']}.")
    return packing.of_cohort(options["cohort"])
