"""Start, save, restore, rebase and discard a draft. Every save is a Revision; none has legal meaning yet."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import (
    ANSWERS,
    Acceptance,
    AuditEvent,
    ChangeClass,
    Comparison,
    Policy,
    Rendering,
    Revision,
    User,
    Version,
    VersionText,
)
from policies.text.meaning.reasons import REASONS
from policies.text.source import canonical

EDITABLE = (
    "change_class",
    "tier",
    "reasons",
    "written_reason",
    "lowering_reason",
    "override_reason",
    "retroactive",
    *ANSWERS,
    "acceptance",
    "date_precision",
    "stated_date",
    "visible_from",
    "effective_at",
)

INSTANTS = ("visible_from", "effective_at")


class Retired(Exception):
    """The policy is retired: it gets no further version."""


class AlreadyPublished(Exception):
    """A published version is never edited; a correction is a new version."""


class Follows(AlreadyPublished):
    """A draft that follows a correction is edited, reviewed and published with it alone."""

    def __init__(self, draft: Version) -> None:
        super().__init__(
            _("It follows the correction of %(version)s: what is done to that draft is done to this one.")
            % {"version": draft.goes_with and draft.goes_with.based_on}
        )


class EditedMeanwhile(Exception):
    """Somebody saved a newer revision than the one this edit started from."""

    def __init__(self, latest: Revision) -> None:
        super().__init__(
            _("%(who)s saved revision %(number)d meanwhile. Compare with it, then save again.")
            % {"who": latest.by, "number": latest.number}
        )
        self.latest = latest


@dataclass(frozen=True)
class TextInput:
    """What an editor types for one language; a translation may answer the four questions of the summary too."""

    language: str
    title: str
    body: str
    short_version: str = ""
    what_changed: str = ""
    why: str = ""
    impact: str = ""
    what_you_can_do: str = ""

    @classmethod
    def of(cls, text: VersionText) -> "TextInput":
        """A stored text as it would be typed."""
        return cls(text.language, text.title, text.body, text.short_version, **text.answers)

    @property
    def answers(self) -> dict[str, str]:
        return {name: getattr(self, name).strip() for name in ANSWERS}


@transaction.atomic
def start_draft(*, policy: Policy, by: User, at: datetime, words_of: Version | None = None) -> Version:
    """
    Start the policy's next version from its latest standing text, or from nothing.

    With the words of an older version of it, it still is compared with the latest.

    :raises Retired: if the policy is retired
    """
    policy = Policy.objects.locked(policy.pk)
    if policy.retired_at:
        raise Retired(policy)
    base = policy.versions.standing().first()
    words = words_of or base
    draft = begin_draft(policy=policy, base=base, by=by, at=at, words_of=words)
    record_edit(draft, by=by, at=at, remark=_("started from %(base)s") % {"base": words.name} if words else "")
    return draft


def begin_draft(
    *,
    policy: Policy,
    base: Version | None,
    by: User,
    at: datetime,
    corrects: Version | None = None,
    goes_with: Version | None = None,
    words_of: Version | None = None,
) -> Version:
    """
    Put down a draft with the texts of `base`, or of another version.

    Belongs in a transaction that also records its first revision.
    """
    draft = Version.objects.create(
        policy=policy,
        based_on=base,
        corrects=corrects,
        goes_with=goes_with,
        date_precision=policy.date_precision,
        started_by=by,
        started_at=at,
        edited_at=at,
    )
    source = words_of or base
    for text in source.texts.all() if source else ():
        # Not the answers: they are about what changed last time.
        _write_text(draft, TextInput(text.language, text.title, text.body, text.short_version))
    AuditEvent.record("version.started", version=draft, by=by, at=at)
    return draft


@transaction.atomic
def save_draft(
    *,
    version: Version,
    by: User,
    at: datetime,
    fields: Mapping[str, object] | None = None,
    texts: Sequence[TextInput] | None = None,
    expected_revision: int | None = None,
    remark: str = "",
) -> Revision:
    """
    Save an edit as a new revision; whatever review or approval there was is dropped. What changes nothing is no edit:
    the latest revision stands, and so does what was said of it.

    `fields` takes the names in EDITABLE; `texts`, where given, replaces the texts of all languages. `expected_revision`
    is the number of the revision that the editor saw.

    :raises AlreadyPublished: if the version was published meanwhile
    :raises Follows: if it goes with another draft
    :raises EditedMeanwhile: if a newer revision than the expected one was saved
    :raises TextRejected: if a text is empty, too large or not a text
    :raises ValidationError: if a field has a value it cannot have
    """
    draft = own_draft(version)
    latest = draft.revisions.order_by("-number").first()
    if expected_revision is not None and latest is not None and latest.number != expected_revision:
        raise EditedMeanwhile(latest)
    if latest is not None and not remark and (fields or texts) and _says_the_same(draft, fields or {}, texts):
        return latest
    for name, value in (fields or {}).items():
        if name not in EDITABLE:
            raise ValidationError(_("“%(name)s” cannot be edited.") % {"name": name}, code="not-editable")
        setattr(draft, name, value)
    if texts is not None:
        write_texts(draft, texts)
    _reopen(draft, at=at)
    _check(draft)
    draft.save()
    draft.companions.update(status=Version.Status.DRAFT, manifest="", manifest_sha256="")
    return record_edit(draft, by=by, at=at, remark=remark)


def restore(*, revision: Revision, by: User, at: datetime) -> Revision:
    """Make an earlier revision's content the draft's content again, as a new revision."""
    content = dict(revision.content)
    texts = [TextInput(**text) for text in content.pop("texts")]
    content["stated_date"] = date.fromisoformat(content["stated_date"]) if content["stated_date"] else None
    for name in INSTANTS:
        # Revisions of before there was an embargo say nothing of it.
        content[name] = datetime.fromisoformat(content[name]) if content.get(name) else None
    remark = _("restored revision %(number)d") % {"number": revision.number}
    return save_draft(version=revision.version, by=by, at=at, fields=content, texts=texts, remark=remark)


@transaction.atomic
def rebase(*, version: Version, by: User, at: datetime) -> Version:
    """
    Base a draft on the latest standing version, or a correction on the latest of the same number.

    Its text stays: the redline then shows what it would take back.

    :raises AlreadyPublished: if the version was published meanwhile
    """
    draft = own_draft(version)
    draft.based_on = draft.base_today
    draft.corrects = draft.based_on if draft.corrects_id else None
    _reopen(draft, at=at)
    draft.save()
    record_edit(draft, by=by, at=at, remark=_("based on %(base)s") % {"base": draft.based_on and draft.based_on.name})
    AuditEvent.record("version.rebased", version=draft, by=by, at=at)
    return draft


@transaction.atomic
def discard(*, version: Version, by: User, at: datetime) -> None:
    """
    Throw a draft away. One that was reviewed is kept by its reviews, and the database refuses.

    :raises AlreadyPublished: if the version was published meanwhile
    :raises ProtectedError: if somebody reviewed it
    """
    draft = own_draft(version)
    AuditEvent.record("version.discarded", policy=draft.policy, by=by, at=at, draft=draft.pk)
    draft.delete()


def locked_draft(version: Version) -> Version:
    """Read a draft anew under the policy's lock.

    :raises AlreadyPublished: if it is none any more
    """
    Policy.objects.locked(version.policy_id)
    draft = Version.objects.select_related("policy", "based_on").get(pk=version.pk)
    if draft.is_published:
        raise AlreadyPublished(draft)
    return draft


def own_draft(version: Version) -> Version:
    """Read a draft anew that does not follow another one.

    :raises Follows: if it does
    :raises AlreadyPublished: if it is none any more
    """
    draft = locked_draft(version)
    if draft.goes_with_id:
        raise Follows(draft)
    return draft


def content_of(version: Version) -> dict[str, object]:
    """Everything an editor can change in a draft, as JSON: what a Revision stores and `restore` takes."""
    values = {name: getattr(version, name) for name in EDITABLE}
    values["stated_date"] = version.stated_date.isoformat() if version.stated_date else None
    for name in INSTANTS:
        instant = getattr(version, name)
        values[name] = instant.isoformat() if instant else None
    texts = [asdict(TextInput.of(text)) for text in version.texts.order_by("-authoritative", "language")]
    return {**values, "texts": texts}


def _says_the_same(draft: Version, fields: Mapping[str, object], texts: Sequence[TextInput] | None) -> bool:
    """Whether an edit changes nothing: browsers send the ends of lines as they like."""
    if any(name in EDITABLE and getattr(draft, name) != value for name, value in fields.items()):
        return False
    if texts is None:
        return True
    stored = {text.language: TextInput.of(text) for text in draft.texts.all()}
    return stored == {text.language: _as_stored(draft, text) for text in texts}


def _as_stored(draft: Version, given: TextInput) -> TextInput:
    answers = dict.fromkeys(ANSWERS, "") if given.language == draft.policy.language else given.answers
    body = canonical.canonicalize(canonical.check(given.body))
    return TextInput(given.language, given.title.strip(), body, given.short_version.strip(), **answers)


def write_texts(draft: Version, texts: Sequence[TextInput]) -> None:
    """Make these the texts of all languages of a draft."""
    kept = [_write_text(draft, text).pk for text in texts]
    draft.texts.exclude(pk__in=kept).delete()


def _write_text(draft: Version, given: TextInput) -> VersionText:
    body = canonical.canonicalize(canonical.check(given.body))
    text = draft.texts.filter(language=given.language).first() or VersionText(version=draft, language=given.language)
    text.title, text.body, text.short_version = given.title.strip(), body, given.short_version.strip()
    text.authoritative = given.language == draft.policy.language
    text.sha256 = canonical.fingerprint(body)
    for name, words in given.answers.items():
        # In the policy's own language they stand in the version itself, once.
        setattr(text, name, "" if text.authoritative else words)
    text.full_clean(exclude=["version"])
    text.save()
    # What a renderer made of the text as it was before.
    Rendering.objects.filter(text=text).delete()
    Comparison.objects.filter(after=text).delete()
    return text


def _reopen(draft: Version, *, at: datetime) -> None:
    draft.status, draft.manifest, draft.manifest_sha256 = Version.Status.DRAFT, "", ""
    draft.edited_at = at


def _check(draft: Version) -> None:
    if draft.corrects_id:
        _check_correction(draft)
    draft.full_clean(exclude=["policy", "based_on", "started_by", "corrects", "goes_with"])
    known = {code for code, _label in REASONS}
    unknown = sorted(set(draft.reasons) - known)
    if unknown:
        raise ValidationError({"reasons": _("Unknown reason codes: %(codes)s.") % {"codes": ", ".join(unknown)}})
    tiers = {tier.name: tier.change_class for tier in draft.policy.tiers.all()}
    if draft.tier and tiers.get(draft.tier) != draft.change_class:
        raise ValidationError({"tier": _("This policy has no tier “%(tier)s” of that class.") % {"tier": draft.tier}})


def _check_correction(draft: Version) -> None:
    """What is more than editorial, or has a date or a question of its own, is another version."""
    if draft.change_class != ChangeClass.EDITORIAL or draft.tier:
        raise ValidationError(
            {"change_class": _("A correction changes no meaning. What does is a version of its own: start a draft.")}
        )
    if draft.acceptance != Acceptance.NONE or draft.retroactive:
        raise ValidationError({"acceptance": _("A correction asks nobody, and acts on nothing from before.")})
    if draft.effective_at or draft.visible_from:
        raise ValidationError(
            {"effective_at": _("A correction takes effect when it is published; of an announced version, with that.")}
        )


def record_edit(draft: Version, *, by: User, at: datetime, remark: str) -> Revision:
    """Keep the draft as it is now as its next revision."""
    latest = draft.revisions.order_by("-number").first()
    number = latest.number + 1 if latest else 1
    return draft.revisions.create(number=number, content=content_of(draft), by=by, at=at, remark=remark)
