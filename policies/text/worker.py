"""Work on large texts for another process, call by call: `python -m policies.text.worker HANDLE MEGABYTES`."""

import contextlib
import errno
import fcntl
import importlib
import os
import resource
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any

# Imported before the first call, whose time is measured.
from policies.text import reading, two_texts  # noqa: F401


def main(handle: int, megabytes: int) -> None:
    """Answer calls until nobody calls any more. Whoever called ends this process where one takes too long."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the site; this process ends with it
    _end_with_the_caller()
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, megabytes * 1024 * 1024)
    line: Connection[Any, Any] = Connection(handle)
    line.send("ready")
    while True:
        try:
            function, args, kwargs, seconds = line.recv()
        except (EOFError, ConnectionResetError):
            return
        line.send("begun")
        _allow(seconds)
        line.send(_outcome(function, args, kwargs))


def _end_with_the_caller() -> None:
    """
    Nobody writes to standard input; when its other end is closed, because the caller ended, the system sends SIGIO.

    That ends this process also in the middle of a regular expression, where no thread of Python would be heard.
    PR_SET_PDEATHSIG would do so as soon as the *thread* ends that started it, which web servers let come and go.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)


def _allow(seconds: float) -> None:
    """Time of a processor for one call, in case the caller cannot look at its clock any more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds) + 2)


def _limit(what: int, most: int) -> None:
    _soft, hard = resource.getrlimit(what)
    # Not every system knows every limit.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _outcome(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[bool, Any]:
    module, _colon, function = name.partition(":")
    try:
        return True, getattr(importlib.import_module(module), function)(*args, **kwargs)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whoever called gets it
        error.add_note("".join(traceback.format_tb(error.__traceback__)))
        return False, error


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]))
    except MemoryError:
        os._exit(errno.ENOMEM)
