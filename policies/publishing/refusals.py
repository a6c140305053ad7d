"""Why a publication is refused: named reasons, each with the code of its RFC 9457 problem and what to do."""


class Refused(Exception):
    """A publication, postponement or withdrawal that cannot be. The message says why and what to do."""

    code = "refused"


class OutOfDate(Refused):
    """Another version was published since the draft was based on one."""

    code = "out-of-date"


class NotApproved(Refused):
    """What was approved is not what would be published."""

    code = "not-approved"


class PolicyRetired(Refused):
    """The policy is retired."""

    code = "policy-retired"


class TooSoon(Refused):
    """The effective date lies before publication."""

    code = "effective-date-passed"


class OutOfOrder(Refused):
    """A later number would take effect before an earlier one, or an old text would follow a newer one."""

    code = "out-of-order"


class NotPublished(Refused):
    """Only a published, standing version can be postponed or withdrawn."""

    code = "not-published"


class TooLate(Refused):
    """The version is already in effect."""

    code = "already-in-effect"


class AlreadyTold(Refused):
    """Mails that name the announced date have begun to go out: it is postponed, never brought forward."""

    code = "already-told"


class SlugTaken(Refused):
    """The address belongs, or once belonged, to another policy."""

    code = "address-taken"


class EverPublished(Refused):
    """Something of the policy was published: it is retired, never deleted."""

    code = "ever-published"
