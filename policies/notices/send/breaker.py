"""The breaker: when too much goes wrong, a notice stops before it burns the rest of its audience."""

from collections import deque
from dataclasses import dataclass, field

from policies.notices.returns.replies import Verdict

# Compare listmonk's max_send_errors: this many bad ends, and this share, of the last ones.
WINDOW, LEAST, SHARE = 50, 10, 0.2
BAD = {Verdict.REFUSED, Verdict.OURS, Verdict.UNCERTAIN}


@dataclass
class Breaker:
    """Whether each of the last mails of a notice went wrong, since somebody last resumed it."""

    _last: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def trips(self, verdict: Verdict) -> str:
        """Count one more end; say why the notice has to stop, where it has to, and begin anew."""
        self._last.append(verdict in BAD)
        bad, of = sum(self._last), len(self._last)
        if bad < LEAST or bad <= SHARE * of:
            return ""
        self._last.clear()
        return f"Breaker: {bad} of the last {of} mails were refused or lost."
