"""
Senders under a nemesis: workers that are killed and frozen, a database that crashes, a mail server that misbehaves.

Everything random comes from one seed; what the machine's scheduler adds is not ours to repeat.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import DatabaseError, connection

from policies.models import Delivery, Notice
from scripts import processes
from scripts.postgresql import PostgreSQL
from tests.smtp_sink import Fault, Sink

ROOT = Path(__file__).parents[2]

SETTINGS = {
    "DELIVERY_LEASE_SECONDS": "3",
    "EMAIL_TIMEOUT": "1.5",
    "NOTICE_UNCERTAIN_WAIT": "1",
    "NOTICE_RETRY_WAITS": "1,1,2",
    "NOTICE_RATE_PER_MINUTE": "60000",
    "LOG_LEVEL": "ERROR",
}

# For so many seconds after its start a worker sends nothing yet.
WARM_AFTER = 2.5

# What the mail server does now and then, each for some mails.
MISBEHAVIOR = (
    Fault(at="rcpt", reply="451 4.7.1 Greylisted", times=15),
    Fault(at="rcpt", reply="550 5.2.1 Not today", times=2),
    Fault(at="data", drop=True, times=3),
    Fault(at="body", drop=True, times=3),
    Fault(at="dot", drop=True, times=3),
    Fault(at="reply", drop=True, times=3),
    Fault(at="reply", delay=2, times=1),
    Fault(at="mail", reply="421 4.3.2 Closing", times=3),
    Fault(at="connect", reply="421 4.3.2 Too busy", times=1),
)


@dataclass
class Run:
    """What was done to the senders, and how it ended."""

    kills: int = 0
    freezes: int = 0
    crashes: int = 0
    seconds: float = 0


@dataclass
class Nemesis:
    """A fixed number of workers is kept running, whatever happens to them."""

    postgresql: PostgreSQL
    sink: Sink
    folder: Path
    seed: int
    command: Sequence[str] = ("manage.py", "run_deliveries")
    workers: dict[processes.Process, float] = field(default_factory=dict)
    started: int = 0
    done: Run = field(default_factory=Run)

    def torment(self, notice: Notice, *, kills: int, crashes: int, within: float) -> Run:
        """Run until everybody has been dealt with and enough was done; then leave the workers in peace to the end."""
        chance = random.Random(self.seed)  # noqa: S311 - repeatable on purpose
        begun = time.monotonic()
        crash_at = {kills * (n + 1) // (crashes + 1) for n in range(crashes)}
        while self.done.kills < kills:
            self._keep_running()
            time.sleep(chance.uniform(0.05, 0.5))
            self.sink.misbehave(*chance.sample(MISBEHAVIOR, k=2))
            self._strike(chance)
            if self.done.kills in crash_at:
                crash_at.discard(self.done.kills)
                self._crash_database()
            assert time.monotonic() - begun < within, f"Not done within {within} s: {self.done}"
        self.sink.misbehave()
        while not is_over(notice):
            self._keep_running()
            time.sleep(0.3)
            assert time.monotonic() - begun < within, f"Not over within {within} s: {self.done}"
        self.done.seconds = time.monotonic() - begun
        return self.done

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers = {}

    def _strike(self, chance: random.Random) -> None:
        # A worker that is still starting has nothing to lose.
        at_work = [worker for worker, since in self.workers.items() if time.monotonic() - since > WARM_AFTER]
        if not at_work:
            return
        victim = chance.choice(at_work)
        if chance.random() < 0.15:
            # Longer than its lease: it wakes up to rows that belong to others.
            os.killpg(victim.pid, signal.SIGSTOP)
            time.sleep(3.5)
            os.killpg(victim.pid, signal.SIGCONT)
            self.done.freezes += 1
        else:
            os.killpg(victim.pid, signal.SIGKILL)
            victim.wait()
            self.done.kills += 1

    def _keep_running(self) -> None:
        self.workers = {worker: since for worker, since in self.workers.items() if worker.poll() is None}
        while len(self.workers) < 3:
            self.started += 1
            log = self.folder / f"worker-{self.started}.log"
            command = [sys.executable, *self.command]
            worker = processes.start(command, log=log, environment=self._environment(), folder=ROOT)
            self.workers[worker] = time.monotonic()

    def _environment(self) -> dict[str, str]:
        own = {"DATABASE_URL": self.postgresql.url, "EMAIL_URL": self.sink.url, "POLICYSITE_VAR": str(self.folder)}
        return {**os.environ, **SETTINGS, **own}

    def _crash_database(self) -> None:
        """An immediate shutdown: no checkpoint, recovery from the log at the next start."""
        connection.close()
        self.postgresql.crash()
        self.done.crashes += 1


def is_over(notice: Notice) -> bool:
    """Whether no delivery is open any more; False while the database is away."""
    try:
        return not Delivery.objects.filter(notice=notice, state__in=["queued", "claimed", "sending"]).exists()
    except DatabaseError:
        connection.close()
        return False
