"""
Correct a published text without another version of it: 2.1 is the first correction of version 2.

Where the same words stand in an announced version, that one is corrected along with it, by a draft that follows the
first and is edited, approved and published with it alone.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from policies.authoring.drafts import (
    EDITABLE,
    AlreadyPublished,
    Retired,
    TextInput,
    begin_draft,
    locked_draft,
    record_edit,
    write_texts,
)
from policies.models import Policy, User, Version, VersionText
from policies.text.compare import carrying


class NotCorrectable(AlreadyPublished):
    """Only what is in force, or announced, is corrected; the rest stays as it was."""

    def __init__(self, version: Version) -> None:
        Exception.__init__(
            self, _("%(version)s is neither in force nor announced: it stays as it was.") % {"version": version}
        )


@dataclass(frozen=True)
class CarriedText:
    """What became of the corrections of one language in an announced version."""

    version: Version
    language: str
    words: TextInput
    carried: int
    left: tuple[str, ...]


@transaction.atomic
def start_correction(*, version: Version, by: User, at: datetime) -> Version:
    """
    Start a correction of a version in force or announced, from its text as it was corrected last.

    :raises Retired: if the policy is retired
    :raises NotCorrectable: if it is neither in force nor announced at `at`
    """
    policy = Policy.objects.locked(version.policy_id)
    if policy.retired_at:
        raise Retired(policy)
    base = tip_of(version)
    if base is None or not is_open(base, at):
        raise NotCorrectable(version)
    draft = begin_draft(policy=policy, base=base, corrects=base, by=by, at=at)
    record_edit(draft, by=by, at=at, remark=_("started as a correction of %(base)s") % {"base": base.name})
    return draft


def tip_of(version: Version) -> Version | None:
    """The version of this number as it was corrected last."""
    return version.policy.versions.standing().filter(number=version.number).first()


def is_open(version: Version, at: datetime) -> bool:
    """Whether `version` is in force or announced at `at`, and so can be corrected."""
    of = Version.objects.filter(policy=version.policy_id)
    return of.in_force(at).filter(pk=version.pk).exists() or of.upcoming(at).filter(pk=version.pk).exists()


def carried_of(draft: Version, *, at: datetime) -> tuple[CarriedText, ...]:
    """What a correction changes in the versions announced after what it corrects, text by text."""
    if draft.corrects is None or draft.goes_with_id:
        return ()
    before = {text.language: text for text in draft.corrects.texts.all()}
    announced = draft.policy.versions.upcoming(at).filter(number__gt=draft.corrects.number or 0)
    return tuple(
        _carried(version, before[text.language], text, there)
        for version in announced
        for text in draft.texts.all()
        if text.language in before and (there := version.texts.filter(language=text.language).first())
    )


def follow(draft: Version, *, by: User, at: datetime) -> None:
    """
    Make anew the drafts that follow a correction; belongs in the transaction that hands it in.

    One that has nothing to correct any more goes, or stays as a draft of its own where it was reviewed.
    """
    carried = carried_of(draft, at=at)
    wanted = {each.version for each in carried if each.carried}
    for companion in draft.companions.all():
        if companion.corrects not in wanted:
            _let_go(companion)
    for version in wanted:
        companion = draft.companions.filter(corrects=version).first() or begin_draft(
            policy=draft.policy, base=version, corrects=version, goes_with=draft, by=by, at=at
        )
        for name in EDITABLE:
            setattr(companion, name, getattr(draft, name))
        companion.status, companion.manifest, companion.manifest_sha256 = draft.status, "", ""
        companion.edited_at = at
        companion.save()
        write_texts(companion, _texts(version, carried))
        record_edit(companion, by=by, at=at, remark=_("follows the correction of %(base)s") % {"base": draft.based_on})


def follows_still(draft: Version, *, at: datetime) -> bool:
    """Whether the drafts that follow a correction are what carrying it over gives today."""
    carried = carried_of(draft, at=at)
    wanted = {version.pk: _texts(version, carried) for version in {each.version for each in carried if each.carried}}
    stand = {each.corrects_id: [TextInput.of(text) for text in each.texts.all()] for each in draft.companions.all()}
    return _compared(wanted) == _compared(stand)


def companions(version: Version) -> list[Version]:
    """The drafts that go with this one, read under the policy's lock."""
    draft = locked_draft(version)
    return list(draft.companions.select_related("policy", "based_on", "corrects").order_by("corrects__number"))


def _carried(version: Version, before: VersionText, after: VersionText, there: VersionText) -> CarriedText:
    body = carrying.carry(before.body, after.body, there.body)
    title = carrying.carry(before.title, after.title, there.title)
    short = carrying.carry(before.short_version, after.short_version, there.short_version)
    return CarriedText(
        version=version,
        language=there.language,
        words=TextInput(there.language, title.text, body.text, short.text),
        carried=title.carried + short.carried + body.carried,
        left=(*title.left, *short.left, *body.left),
    )


def _texts(version: Version, carried: tuple[CarriedText, ...]) -> list[TextInput]:
    """All texts of the announced version, those that are corrected as they will be."""
    found = {each.language: each.words for each in carried if each.version == version}
    return [
        found.get(text.language) or TextInput(text.language, text.title, text.body, text.short_version)
        for text in version.texts.all()
    ]


def _compared(texts: dict[int | None, list[TextInput]] | dict[int, list[TextInput]]) -> set[tuple[object, ...]]:
    return {
        (pk, text.language, text.title, text.body, text.short_version) for pk, each in texts.items() for text in each
    }


def _let_go(companion: Version) -> None:
    if companion.reviews.exists():
        companion.goes_with, companion.status = None, Version.Status.DRAFT
        companion.manifest, companion.manifest_sha256 = "", ""
        companion.save()
    else:
        companion.delete()
