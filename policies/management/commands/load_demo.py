"""Load the demo: five policies, their history, the cast and about 300 people."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from policies import clock
from policies.demo import loading


class Command(BaseCommand):
    help = "Load the demo into an empty database. On a loaded one it says so and changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if not settings.DEMO:
            raise CommandError(
                "This is not a demo: load_demo needs POLICYSITE_DEMO=1, and would mix in made-up people."
            )
        try:
            loaded = loading.load(at=clock.now())
        except loading.AlreadyLoaded:
            self.stdout.write("The demo is loaded already; nothing was changed.")
            return
        except loading.NotEmpty as error:
            raise CommandError(
                "The database holds policies that are not the demo's, or a load that was interrupted. "
                "`make demo RESET=1`, or `policysite demo --reset`, starts over with an empty one."
            ) from error
        self.stdout.write(
            f"Loaded {loaded.policies} policies with {loaded.versions} versions and {loaded.drafts} drafts, "
            f"and {loaded.people} people."
        )
