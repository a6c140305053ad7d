"""
The production topology (scripts/stack.py) under a nemesis: workers that are killed and frozen and whose clocks jump,
beats that are doubled and killed, a database that crashes, a broker that forgets, a mail server that misbehaves.

Everything random comes from one seed; what the machine's scheduler adds is not ours to repeat.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import redis
from django.db import Error, connection

from policies import clock
from policies.models import Delivery, JobSlot, MailRoute, Notice
from policies.notices.plan import steering
from policies.notices.queue import progress
from policysite.running import processes
from policysite.running.supervisor import Part, Stop, Supervisor
from scripts import stack
from scripts.postgresql import SETTINGS as POSTGRESQL
from scripts.postgresql import PostgreSQL
from scripts.redis_server import Redis
from scripts.stack import Stack
from tests import people as cast
from tests.chaos import wrong_clock
from tests.smtp_sink import Fault, Sink

# Short memories and waits, so that a run takes minutes and not days. What is waited for is the same.
IMPATIENT = {
    "DELIVERY_LEASE_SECONDS": "3",
    "EMAIL_TIMEOUT": "1.5",
    "NOTICE_UNCERTAIN_WAIT": "1",
    "NOTICE_RETRY_WAITS": "1,1,2",
    "SWEEP_SECONDS": "1",
}
# It keeps what it said it committed, when its processes die; nobody pulls the plug of the machine.
KEEPS_ITS_WORD = {**POSTGRESQL, "full_page_writes": "on", "synchronous_commit": "on"}

# So many seconds after it is ready a worker has heard a bell and sends.
WARM_AFTER = 1.0
LONGER_THAN_A_LEASE = 3.5

# It takes its time with every answer, so that workers are mostly struck while a mail is on its way.
SLOW = Fault(at="reply", delay=0.05)
# What the mail server does now and then, each for some mails.
MISBEHAVIOR = (
    Fault(at="rcpt", reply="451 4.7.1 Greylisted", times=15),
    Fault(at="rcpt", reply="452 4.2.2 Mailbox full", times=5),
    Fault(at="rcpt", reply="550 5.2.1 Not today", times=2),
    Fault(at="data", drop=True, times=3),
    Fault(at="data", delay=2, times=1),
    Fault(at="body", drop=True, times=3),
    Fault(at="dot", drop=True, times=3),
    Fault(at="dot", reply="451 4.3.0 Try again", times=3),
    Fault(at="reply", drop=True, times=3),
    Fault(at="reply", delay=2, times=1),
    Fault(at="mail", reply="421 4.3.2 Closing", times=3),
    Fault(at="connect", reply="421 4.3.2 Too busy", times=1),
)
# How often it does: each time that it sends us away it is left alone for twice as long, up to 15 minutes.
MISBEHAVES = 0.35
SLOWEST = 60
OFFSETS = ("+3d", "-3d", "+45s", "-1h", "+0")


@dataclass
class Start:
    """When a sender was started for the last time, by where its log stood, and when it was ready."""

    process: processes.Process | None
    log_from: int
    ready_at: float | None = None


class Never(Stop):
    """Nobody asks for the end by a signal: the test decides."""

    def __init__(self) -> None:
        self.is_asked = False


@dataclass
class Nemesis:
    """
    A topology of its own, and what is done to it.

    :ivar senders: what sends, in place of the product's workers and beats
    :ivar rate: mails a minute, when nothing is held back
    :ivar done: how often each thing was done
    """

    folder: Path
    sink: Sink
    seed: int
    settings: dict[str, str] = field(default_factory=dict)
    senders: Sequence[Part] = ()
    rate: int = 6000
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        (self.folder / "log").mkdir()
        database, broker = PostgreSQL(self.folder, settings=KEEPS_ITS_WORD), Redis(self.folder)
        port = processes.free_port()
        own = stack.settings(folder=self.folder, port=port, database=database, redis=broker, mail_port=self.sink.port)
        environment = {**os.environ, **own, **IMPATIENT, **self.settings}
        self.stack = Stack(
            port, self.folder, database, broker, self.sink.port, Supervisor(self.folder, environment, Never())
        )
        self.starts: dict[str, Start] = {}

    def start_services(self) -> None:
        """PostgreSQL and Redis, and the tables."""
        self.stack.start_services()
        self.stack.make_tables()

    def start_product(self) -> None:
        """The web server, two workers whose clocks can be set wrong, and a beat too many."""
        self.stack.collect_static()
        self.stack.start_web(workers=1)
        for part in [*stack.workers(), stack.beat("beat"), stack.beat("second-beat")]:
            part.settings = wrong_clock.environment(self._clock_of(part))
            wrong_clock.set_to(self._clock_of(part), "+0")
            self.stack.parts.start(part)

    def torment(self, *, kills: int, crashes: int, within: float) -> None:
        """Do harm until enough was done."""
        chance = random.Random(self.seed)  # noqa: S311 - repeatable on purpose
        crash_at = {kills * (n + 1) // (crashes + 1) for n in range(crashes)}
        deadline = time.monotonic() + within
        while self.done["kills"] < kills:
            self.look_after(chance.uniform(0.05, 0.5))
            self.sink.misbehave(*chance.sample(MISBEHAVIOR, k=2 * (chance.random() < MISBEHAVES)), SLOW)
            self._pace(kills)
            self._strike(chance)
            if self.done["kills"] in crash_at:
                crash_at.discard(self.done["kills"])
                self._crash_database()
            assert time.monotonic() < deadline, f"Not done within {within} s: {dict(self.done)}"

    def leave_in_peace(self, *, until: Callable[[], bool], within: float) -> None:
        """Do no more harm; whatever is wrong by now has to mend itself."""
        self.sink.misbehave()
        deadline = time.monotonic() + within
        # It may have crashed just now, and be recovering.
        while not self.stack.database.is_ready():
            self.look_after(0.3)
            assert time.monotonic() < deadline, f"No database within {within} s: {dict(self.done)}"
        self._set_rate(self.rate)
        while not until():
            self.look_after(0.3)
            assert time.monotonic() < deadline, f"Not over within {within} s: {dict(self.done)}; {what_is_left()}"

    def look_after(self, seconds: float) -> None:
        """Let some time pass, in which the supervisor starts again what ended, and the operator resumes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.stack.parts.look_after_parts()
        self._resume()

    def end(self) -> None:
        for part in self.stack.parts.running:
            if part.process:
                part.process.send_signal(signal.SIGCONT)
        self.stack.parts.end()

    def _strike(self, chance: random.Random) -> None:
        sender = self._a_sender(chance)
        if sender is None:
            return
        strikes: list[Callable[[], None]] = [
            partial(self._kill, sender),
            partial(self._freeze, sender),
            partial(self._set_clock, sender, chance.choice(OFFSETS)),
            partial(self._kill_other, chance.choice(["beat", "second-beat", "web", "redis"])),
            self._forget_bells,
        ]
        chance.choices(strikes, weights=[60, 7, 13, 10, 10])[0]()

    def _a_sender(self, chance: random.Random) -> Part | None:
        """One that is at work: while it is still starting it has nothing to lose."""
        names = [part.name for part in self.senders] or [part.name for part in stack.workers()]
        at_work = [part for part in self._parts() if part.name in names and self._is_warm(part)]
        return chance.choice(at_work) if at_work else None

    def _is_warm(self, part: Part) -> bool:
        log = self.stack.parts.log(part)
        start = self.starts.get(part.name)
        if start is None or start.process is not part.process:
            start = self.starts[part.name] = Start(part.process, len(log.read_bytes()))
        if start.ready_at is None and b"ready." in log.read_bytes()[start.log_from :]:
            start.ready_at = time.monotonic()
        return start.ready_at is not None and time.monotonic() - start.ready_at > WARM_AFTER

    def _pace(self, kills: int) -> None:
        """Let no more go out than its share of the kills: the last one is to find mails on their way like the first."""
        try:
            notice = Notice.objects.filter(state=Notice.State.SENDING).first()
            if notice:
                done = 1 - progress.counts(notice).waiting / max(notice.audience_count, 1)
                self._set_rate(self.rate if done < (self.done["kills"] + 1) / (kills + 1) else SLOWEST)
        except Error:
            connection.close()

    def _set_rate(self, per_minute: int) -> None:
        Notice.objects.exclude(rate_per_minute=per_minute).update(rate_per_minute=per_minute)

    def _kill(self, sender: Part) -> None:
        """Mostly in the middle of a mail: whose, is left to chance."""
        with suppress(Error):
            deadline = time.monotonic() + 1
            while time.monotonic() < deadline and not Delivery.objects.filter(state="sending").exists():
                time.sleep(0.002)
        self._signal(sender, signal.SIGKILL)
        self.done["kills"] += 1

    def _freeze(self, sender: Part) -> None:
        """Longer than its lease: it wakes up to rows that belong to others."""
        self._signal(sender, signal.SIGSTOP)
        self.look_after(LONGER_THAN_A_LEASE)
        self._signal(sender, signal.SIGCONT)
        self.done["freezes"] += 1

    def _set_clock(self, sender: Part, offset: str) -> None:
        if wrong_clock.preload() and not self.senders:
            wrong_clock.set_to(self._clock_of(sender), offset)
            # Of two beats one may be silent for as long as its clock was ahead.
            wrong_clock.set_to(self.folder / "clock-second-beat", offset)
            self.done["clock jumps"] += 1

    def _kill_other(self, name: str) -> None:
        for part in self._parts():
            if part.name == name:
                self._signal(part, signal.SIGKILL)
                self.done["other kills"] += 1

    def _forget_bells(self) -> None:
        try:
            redis.Redis.from_url(self.stack.redis.url, socket_timeout=2).flushall()
            self.done["FLUSHALLs"] += 1
        except redis.RedisError:
            return

    def _crash_database(self) -> None:
        """An immediate shutdown: no checkpoint, recovery from the log at the next start."""
        connection.close()
        for part in self._parts():
            if part.name == "postgresql" and part.process:
                part.process.send_signal(signal.SIGQUIT)
                part.process.wait(timeout=20)
                self.done["database crashes"] += 1

    def _resume(self) -> None:
        """What the operator does who is told that the breaker has paused a notice."""
        try:
            for notice in Notice.objects.filter(state=Notice.State.PAUSED):
                steering.resume(notice=notice, by=cast.edith(), at=clock.now())
                self.done["resumed"] += 1
        except Error:
            connection.close()

    def _signal(self, part: Part, number: signal.Signals) -> None:
        if part.process and part.process.poll() is None:
            os.killpg(part.process.pid, number)

    def _parts(self) -> list[Part]:
        return list(self.stack.parts.running)

    def _clock_of(self, part: Part) -> Path:
        return self.folder / f"clock-{part.name}"


def is_over() -> bool:
    """Whether the notice is done; False while the database is away."""
    try:
        return Notice.objects.filter(state=Notice.State.DONE).exists()
    except Error:
        connection.close()
        return False


def what_is_left() -> str:
    """For whoever has to find out what went wrong."""
    left = Counter(Delivery.objects.values_list("state", flat=True))
    notices = list(Notice.objects.values_list("state", "state_reason", "rate_per_minute"))
    return f"{dict(left)}; {notices}; {list(MailRoute.objects.values())}; {list(JobSlot.objects.values())}"


def is_nobody_open(notice: Notice) -> bool:
    return not Delivery.objects.filter(notice=notice, state__in=["queued", "claimed", "sending"]).exists()
