"""How the time of a piece of work grows with its input: the same on every machine, however fast or busy it is."""

import gc
import math
import time
from collections.abc import Callable

ROUNDS = 4
# A machine that others keep busy disturbs many rounds in a row; work that is square stays square in all of them.
MOST_ROUNDS = 40
# Work in proportion has 1; a little more comes from memory that no longer fits the caches. Squares have 2.
LINEAR = 1.5
# Less than this many seconds says more about the clock than about the work.
MEASURABLE = 0.005


def exponent(
    work: Callable[[int], object],
    *,
    size: int,
    largest: int,
    below: float = LINEAR,
    rounds: int = ROUNDS,
    is_warm: bool = False,
) -> float:
    """
    Return the power of its size with which the time of `work` grows, from `size` on; 0 where it takes next to nothing.

    Sizes are doubled until the time can be measured, up to `largest`. Of some `rounds` the quickest counts, in time of
    this thread: what else the machine does can only add to it. Large and small take turns, so that both meet the same;
    there are more of them while the power is not `below` what is asked for. `is_warm` where it was done before: the
    first time costs more, for expressions are compiled.
    """
    if not is_warm:
        work(size)
    while (first := _seconds(work, size)) < MEASURABLE:
        size *= 2
        if size > largest:
            return 0
    times: list[tuple[float, float]] = [(first, _seconds(work, 4 * size))]
    power = _power(times)
    while len(times) < rounds or (power >= below and len(times) < MOST_ROUNDS):
        times.append((_seconds(work, size), _seconds(work, 4 * size)))
        power = _power(times)
    return power


def _power(times: list[tuple[float, float]]) -> float:
    small, large = (min(column) for column in zip(*times, strict=True))
    return math.log(large / small, 4)


def repeated(unit: str) -> Callable[[int], str]:
    """A text of one thing over and over, of any length."""
    return lambda size: unit * (size // len(unit))


def _seconds(work: Callable[[int], object], size: int) -> float:
    gc.disable()  # it would look at everything that other tests left behind
    try:
        started = time.thread_time()
        work(size)
        return time.thread_time() - started
    finally:
        gc.enable()
