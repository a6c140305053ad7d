"""A web server that outlives its databases: starting one takes longer than most tests of its pages."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.services import databases
from tests.services.deployment import Deployment

# More rows than a test makes.
APART = 10_000
# Seconds for which the gate goes by what it read (`policies.acceptance.gate`, which needs settings to be imported).
REMEMBERED = 1.0


@dataclass
class StandingSite:
    """
    A deployment over a database of always the same name, which each test finds new.

    The web server keeps what it remembers from test to test, so nothing may be taken for what it was in another one:
    rows are numbered apart, for the cached comparisons, and what the gate read is out of date.

    :ivar left_at: when the last test was over, on the monotonic clock
    """

    database: str
    deployment: Deployment
    tests: int = 0
    left_at: float = float("-inf")

    @contextmanager
    def over_a_fresh_database(self) -> Iterator[str]:
        """Give the site a new database, to which this process is pointed, too; yields the site's URL."""
        with databases.copied_database(self.database):
            self.tests += 1
            databases.count_from(self.tests * APART)
            time.sleep(max(0, self.left_at + REMEMBERED - time.monotonic()))
            self.be_up()
            try:
                yield self.deployment.url
            finally:
                self.left_at = time.monotonic()

    def be_up(self) -> None:
        if not any(process.poll() is None for process in self.deployment.running):
            self.deployment.start_web()
