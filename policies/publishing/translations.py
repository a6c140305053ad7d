"""
A late translation comes after publication: handed in by one person, read and sealed by another.

It becomes a row of its own. The published texts stay as they are.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from policies import ledger, rendering, review
from policies.authoring import TextInput, manifest, obstacles
from policies.models import AuditEvent, Policy, TranslationProposal, User, Version, VersionText
from policies.publishing.refusals import NotApproved, NotPublished, Refused
from policies.text.source import canonical


class AnotherHandedIn(Refused):
    """Somebody else's translation into this language waits: nobody's work is written over."""

    code = "translation-proposed"


@transaction.atomic(durable=True)
def propose_translation(*, version: Version, text: TextInput, by: User, at: datetime) -> TranslationProposal:
    """
    Hand in a translation of a published version, or hand one's own in again. Nobody but the desk sees it.

    :raises NotPublished: if the version is a draft, where translations are simply part of it, or withdrawn
    :raises NotApproved: if the language is there already
    :raises AnotherHandedIn: if somebody else's translation into this language waits
    :raises Incomplete: if it answers some of the four questions that the authors answered and not others
    :raises TextRejected: if the text is empty, too large or not a text
    """
    Policy.objects.locked(version.policy_id)
    version = Version.objects.select_related("policy").get(pk=version.pk)
    if not version.is_published:
        raise NotPublished(_("This version is a draft: add the language to the draft itself."))
    _refuse_withdrawn(version)
    _refuse_there(version, text.language)
    earlier = TranslationProposal.objects.filter(version=version, language=text.language).select_related("by").first()
    if earlier and earlier.by_id != by.pk:
        message = _("%(name)s handed in a translation into this language. It has to be approved or taken back first.")
        raise AnotherHandedIn(message % {"name": earlier.by})
    body = canonical.canonicalize(canonical.check(text.body))
    proposal = TranslationProposal(
        pk=earlier.pk if earlier else None,
        version=version,
        language=text.language,
        title=text.title.strip(),
        body=body,
        short_version=text.short_version.strip(),
        sha256=canonical.fingerprint(body),
        by=by,
        at=at,
        **text.answers,
    )
    _refuse_halves(proposal)
    proposal.full_clean(validate_unique=False, validate_constraints=False)
    proposal.save()
    _record("translation.proposed", proposal, by=by, at=at, sealed_sha256=fingerprint_of(proposal))
    return proposal


@transaction.atomic(durable=True)
def send_translation_back(*, proposal: TranslationProposal, comment: str, by: User, at: datetime) -> None:
    """
    Ask the translator for changes.

    :raises Incomplete: if the comment is empty
    :raises NotApproved: if it was approved or taken back meanwhile
    """
    found = _locked(proposal)
    if not comment.strip():
        raise review.Incomplete({"comment": _("Say what should change: the translator sees your comment.")})
    found.sent_back = comment.strip()
    found.save(update_fields=["sent_back"])
    _record("translation.sent_back", found, by=by, at=at, reason=found.sent_back, translator=found.by_id)


@transaction.atomic(durable=True)
def approve_translation(*, proposal: TranslationProposal, seen: str, by: User, at: datetime) -> VersionText:
    """
    Publish and seal a translation. `seen` is what `fingerprint_of` gave for the one that was shown.

    :raises NotPublished: if the version was withdrawn since
    :raises NotApproved: if `by` handed it in and the policy is not in solo mode, it was sent back, or it is gone
    :raises ChangedSince: if it is no longer what the reviewer saw
    """
    found = _locked(proposal)
    version = found.version
    _refuse_withdrawn(version)
    is_alone = found.by_id == by.pk
    if is_alone and not version.policy.solo:
        raise NotApproved(_("You handed this translation in. Somebody else has to approve it."))
    if found.sent_back:
        raise NotApproved(_("This translation was sent back. The translator has to hand it in again first."))
    if seen != fingerprint_of(found):
        raise review.ChangedSince(_("The translation was handed in again after you opened it. Read it again."))
    _refuse_there(version, found.language)
    _refuse_halves(found)
    added = found.text
    added.full_clean()
    added.save()
    rendering.bind(version, at=at)
    said = {"translated_by": found.by_id, "approved_by": by.pk, "alone": is_alone}
    _record("translation.added", found, by=by, at=at, **said)
    body = {
        "version": version.pk,
        "title": added.title,
        "sha256": added.sha256,
        "sealed_sha256": manifest.fingerprint(manifest.sealed(added)),
        **said,
    }
    ledger.append(kind="translation", reference=f"{version.pk}/{added.language}", body=body, at=at)
    found.delete()
    return added


@transaction.atomic(durable=True)
def take_translation_back(*, proposal: TranslationProposal, by: User, at: datetime) -> None:
    """
    Take back a translation that was handed in: whoever writes at the desk may, so that nothing waits for ever.

    :raises NotApproved: if it was approved or taken back meanwhile
    """
    found = _locked(proposal)
    _record("translation.taken_back", found, by=by, at=at, sealed_sha256=fingerprint_of(found))
    found.delete()


def fingerprint_of(proposal: TranslationProposal) -> str:
    """The sha256 of what an approval would seal, in 64 hex digits."""
    return manifest.fingerprint(manifest.sealed(proposal.text))


def _refuse_withdrawn(version: Version) -> None:
    if version.withdrawn_at:
        raise NotPublished(_("This version was withdrawn. It gets no further translation."))


def _refuse_there(version: Version, language: str) -> None:
    if version.texts.filter(language=language).exists():
        raise NotApproved(_("This language is published already and stays as it is. A correction is a new version."))


def _refuse_halves(proposal: TranslationProposal) -> None:
    if proposal.text.unmatched:
        raise review.Incomplete({"answers": obstacles.half_translated(proposal.text)})


def _locked(proposal: TranslationProposal) -> TranslationProposal:
    Policy.objects.locked(proposal.version.policy_id)
    waiting = TranslationProposal.objects.select_related("version__policy", "by")
    found = waiting.filter(pk=proposal.pk).first()
    if found is None:
        raise NotApproved(_("This translation was approved or taken back meanwhile. Look at the version again."))
    return found


def _record(verb: str, proposal: TranslationProposal, *, by: User, at: datetime, **data: Any) -> None:
    AuditEvent.record(verb, version=proposal.version, by=by, at=at, language=proposal.language, **data)
