"""Every refusal of a verb in words: what, and what to do."""

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from policies import acceptance, authoring, publishing, review
from policies.models import Policy
from policies.notices.plan import steering
from policies.notices.upkeep import trial_mails
from policies.text.rejected import TextRejected
from policies.webhooks import destinations, endpoints

EXPECTED = (
    TextRejected,
    ValidationError,
    ProtectedError,
    Policy.DoesNotExist,
    authoring.Retired,
    authoring.AlreadyPublished,
    authoring.EditedMeanwhile,
    review.Incomplete,
    review.OwnWork,
    review.NotInReview,
    review.ChangedSince,
    review.OverrideNotAgreed,
    publishing.Refused,
    acceptance.Refused,
    steering.NotRunning,
    steering.NotPaused,
    steering.NotOver,
    steering.NoLongerHolds,
    steering.TooLate,
    destinations.Refused,
    endpoints.IsOff,
    endpoints.OnItsWay,
    trial_mails.NotTaken,
)


def explain(error: Exception) -> str:
    """One or two sentences for the editor; most errors bring their own."""
    if isinstance(error, authoring.Retired):
        return _("This policy is retired: it gets no further version.")
    if type(error) is authoring.AlreadyPublished:  # those of its kind say what they mean
        return _("This version was published meanwhile and is never edited. Start a new version, or a correction.")
    if isinstance(error, Policy.DoesNotExist):
        return _("This policy was deleted meanwhile, and its drafts with it.")
    if isinstance(error, ProtectedError):
        return _("Somebody reviewed this draft, so it stays on the record. Edit it instead, or leave it.")
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return str(error)
