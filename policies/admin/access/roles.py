"""The roles at the desk, each with what it means, in one sentence."""

from django.utils.translation import gettext_lazy as _

MEANINGS = {
    "author": _("Makes policies, writes drafts, hands them in, and records what texts promise about changes."),
    "approver": _("Reads what others wrote and approves it, or asks for changes. Nobody approves their own work."),
    "publisher": _("Publishes what was approved, moves or withdraws what was announced, and steers the notices."),
    "counsel": _("Reads everything on record about anybody and takes evidence packs; imports people."),
    "support": _("Looks up one person at a time; records what they answered on paper, or lets them off an answer."),
    "integrator": _("Makes keys and webhooks for other programs."),
}


def labelled(name: str) -> str:
    """A role with its meaning; one that an organization added for itself has its name alone."""
    meaning = MEANINGS.get(name)
    return f"{name}: {meaning}" if meaning else name
