"""
Large texts are worked on in processes of their own, within limits of time and memory.

Python does one thing at a time in a process: whoever asks for a page would wait until a text is done. The limits hold
inside of :func:`within`, as during a request; everything else, such as a command, may take as long as it takes.
"""

import atexit
import errno
import functools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from policies.text.rejected import TextRejected

# Up to so many characters a text is worked on where it is asked for: that takes less than handing it over. Bytes are
# what somebody brings from elsewhere, and no parser meets those here.
SMALL = 16 * 1024
# Seconds until a new process is ready, on the slowest machine.
READY_WITHIN = 60
ROOT = Path(__file__).parents[2]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Stopped(TextRejected):
    """What was asked of a text was not done; the message says why, where to look and what to do."""


class TookTooLong(Stopped):
    """It took more seconds than it may."""


class TookTooMuch(Stopped):
    """It took more memory than it may."""


class Busy(Stopped):
    """All processes are at work, and enough callers wait for one already."""


@dataclass(frozen=True)
class Limits:
    """
    What work on large texts may take in one process of the site.

    `processes` texts are worked on at a time, `waiting` callers wait for their turn. One piece of work gets `seconds`
    of time and `megabytes` of memory.
    """

    processes: int
    waiting: int
    seconds: float
    megabytes: int


class Pool:
    """The processes; each starts when it is needed first, and ends with this one, however that ends."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._room = threading.Semaphore(limits.processes + limits.waiting)
        self._turn = threading.Semaphore(limits.processes)
        self._idle: list[_Process] = []
        atexit.register(self.close)

    def run(self, function: str, texts: list[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """
        Call a function, named as `module:function`; `texts` are those among its arguments.

        :raises Stopped: where it could not be done within the limits
        """
        if not self._room.acquire(blocking=False):
            raise Busy(_BUSY)
        try:
            if not self._turn.acquire(timeout=self.limits.seconds):
                raise Busy(_BUSY)
            try:
                return self._call(function, texts, args, kwargs)
            finally:
                self._turn.release()
        finally:
            self._room.release()

    def close(self) -> None:
        """End the processes that wait for work."""
        while self._idle:
            self._idle.pop().end()

    def _call(self, function: str, texts: list[str], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            process = self._begun(function, args, kwargs)
            is_done, outcome = process.answer(self.limits.seconds)
        except _Ended as ended:
            raise _refusal(ended.code, texts, self.limits) from None
        self._idle.append(process)
        if is_done:
            return outcome
        raise outcome

    def _begun(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> "_Process":
        """A process that has begun with a call; those that somebody ended while they waited are passed over."""
        call = (function, args, kwargs, self.limits.seconds)
        while self._idle:
            process = self._idle.pop()
            with suppress(_Ended):
                process.begin(call)
                return process
        process = _Process(self.limits)
        process.begin(call)
        return process


class _Ended(Exception):
    """A process ended before it answered; `code` is how, as `subprocess` says it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Process:
    """One process of a pool, and the line to it (see :mod:`policies.text.worker`)."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.line, its_end = Pipe()
        # Nothing of ours but the code: whoever finds a way out of a parser finds no key and no address there.
        environment = {"PATH": os.defpath, "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "policies.text.worker", str(its_end.fileno()), str(limits.megabytes)],
            cwd=ROOT,
            env=environment,
            pass_fds=[its_end.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        its_end.close()
        self.answer(READY_WITHIN)

    def begin(self, call: tuple[Any, ...]) -> None:
        """
        Send a call, and wait until it was taken.

        :raises _Ended: where the process is not there any more
        """
        try:
            self.line.send(call)
        except BaseException as error:
            self.end()
            if isinstance(error, BrokenPipeError):
                raise _Ended(self.process.returncode) from None
            raise
        self.answer(READY_WITHIN)

    def answer(self, seconds: float) -> Any:
        """
        Return what the process says next.

        :raises _Ended: where it ended instead, or was ended because its time was over
        """
        try:
            if self.line.poll(seconds):
                return self.line.recv()
        except (EOFError, ConnectionResetError):
            code = self.process.wait()
            self.end()
            raise _Ended(code) from None
        except BaseException:
            self.end()
            raise
        self.end()
        raise _Ended(-signal.SIGXCPU)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.line.close()
        if self.process.stdin:
            self.process.stdin.close()


@functools.cache
def pool_of(limits: Limits) -> Pool:
    """The pool with these limits in this process."""
    return Pool(limits)


# The processes belong to whoever started them, not to its children.
os.register_at_fork(after_in_child=pool_of.cache_clear)

_current: ContextVar[Pool | None] = ContextVar("pool", default=None)


@contextmanager
def within(limits: Limits) -> Iterator[None]:
    """Let the limits hold for whatever is done with large texts from here on, in this thread."""
    token = _current.set(pool_of(limits))
    try:
        yield
    finally:
        _current.reset(token)


def bounded(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """
    Put a function of texts under the limits, where there are any.

    Its arguments and its result are sent from one process to another, so they have to be plain values.
    """

    @functools.wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        pool = _current.get()
        texts = [each for each in (*args, *kwargs.values()) if isinstance(each, str | bytes)] if pool else []
        is_foreign = any(isinstance(each, bytes) for each in texts)
        if pool is None or (sum(map(len, texts)) <= SMALL and not is_foreign):
            return function(*args, **kwargs)
        words = [each.decode(errors="replace") if isinstance(each, bytes) else each for each in texts]
        result: Result = pool.run(f"{function.__module__}:{function.__qualname__}", words, args, dict(kwargs))
        return result

    return call


_BUSY = "Other large texts are being worked on at this moment. Wait a minute and try again."
# A library that gets no memory may give up in any of these ways, and the system ends whoever takes too much of it.
_WITHOUT_MEMORY = {errno.ENOMEM, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGKILL}


def _refusal(code: int, texts: list[str], limits: Limits) -> Exception:
    if code == -signal.SIGXCPU:
        return TookTooLong(_sentence(texts, f"{limits.seconds:g} seconds"))
    if code in _WITHOUT_MEMORY:
        return TookTooMuch(_sentence(texts, f"{limits.megabytes} MB of memory"))
    return RuntimeError(f"A process for large texts ended with {code}; what it wrote to standard error says why.")


def _sentence(texts: list[str], limit: str) -> str:
    """What was stopped and why, where to look (what takes long mostly has one line that does), and what to do."""
    size = f"{sum(map(len, texts)):,} characters"
    what = f"a text of {size}" if len(texts) == 1 else f"texts of {size} together"
    lines = ((len(line), number) for text in texts for number, line in enumerate(text.split("\n"), start=1))
    length, number = max(lines, key=lambda line: line[0])
    return (
        f"The work on {what} took more than {limit} and was stopped. The longest line is line {number}, with"
        f" {length:,} characters. Break up what is long, remove what repeats itself (blanks, brackets, signs), or make"
        " two texts of it, and try again."
    )
