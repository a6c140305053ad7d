"""
Signatures of witnesses (c2sp.org/tlog-witness): each gets a head with the proof that the log only grew since its last.
"""

import base64
import time
from collections.abc import Callable

from policies.ledger import notes, proofs
from policies.models import Checkpoint, CheckpointAnchor
from policies.webhooks import calling

CONFLICT = 409
# What a refusal means, by its status.
MEANS = {
    400: "it does not take what we sent",
    403: "it does not take our signature: give its operator the key of today",
    404: "it does not know this log: its operator has to add the log's key first",
    409: "it saw another head meanwhile",
    422: "our log does not extend the one it saw",
}


class NotWitnessed(Exception):
    """The witness did not sign, or not with the key it is known by."""


def asker(*, verifier: str, url: str, longest: float = calling.LONGEST) -> Callable[[Checkpoint], str]:
    """How to ask one witness: the function returns the line it signed, checked, within `longest` seconds."""

    def ask(checkpoint: Checkpoint) -> str:
        return _ask(checkpoint, verifier=verifier, url=url, until=time.monotonic() + longest)

    return ask


def _ask(checkpoint: Checkpoint, *, verifier: str, url: str, until: float) -> str:
    """
    :raises NotWitnessed: if there is no signature of this witness
    """
    answer = _send(checkpoint, _last_seen(verifier), url, until)
    if answer.status == CONFLICT and (seen := _size(answer.body)) is not None:
        # It knows another head than we remember: that of a copy of this site, or of before a backup was restored.
        answer = _send(checkpoint, seen, url, until)
    if not answer.is_good:
        raise NotWitnessed(f"{MEANS.get(answer.status or 0, answer.error)} {answer.text}".strip())
    for line in answer.body.decode(errors="replace").splitlines():
        if notes.is_cosigned(checkpoint.note, line, verifier=verifier):
            return line
    raise NotWitnessed("The answer has no signature by the key this witness is known by.")


def _send(checkpoint: Checkpoint, seen: int, url: str, until: float) -> calling.Answer:
    try:
        path = proofs.consistency(first=seen, second=checkpoint.size) if seen else []
    except proofs.NoSuchTree as error:
        raise NotWitnessed(f"It saw a head over {seen} leaves that is not ours: was this log rolled back?") from error
    lines = [f"old {seen}", *(base64.b64encode(step).decode() for step in path), "", checkpoint.note]
    body = "\n".join(lines).encode()
    address = f"{url.strip().rstrip('/')}/add-checkpoint"
    left = until - time.monotonic()
    return calling.post(address, body, {"Content-Type": "text/plain"}, longest=left, is_trusted=True)


def _last_seen(verifier: str) -> int:
    """The size of the newest head that this witness signed for us; 0 before the first."""
    name = verifier.split("+", 1)[0]
    signed = CheckpointAnchor.objects.filter(kind=CheckpointAnchor.Kind.WITNESS, name=name)
    return signed.order_by("-checkpoint__size").values_list("checkpoint__size", flat=True).first() or 0


def _size(body: bytes) -> int | None:
    """The size that a witness names in its refusal (text/x.tlog.size)."""
    said = body.strip()
    return int(said) if said.isdigit() and len(said) < 19 else None
