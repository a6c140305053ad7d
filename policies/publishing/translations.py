"""A translation that comes after publication: its own sealed row. The published texts stay as they are."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from policies import ledger, rendering, review
from policies.authoring import TextInput, manifest
from policies.models import AuditEvent, Policy, User, Version, VersionText
from policies.publishing.refusals import NotApproved, NotPublished
from policies.text.source import canonical


@transaction.atomic(durable=True)
def add_translation(*, version: Version, text: TextInput, translated_by: User, by: User, at: datetime) -> VersionText:
    """
    Add a language to a published version. `by` checked the translation and is not who made it, save in solo mode.

    :raises NotPublished: if the version is a draft, where translations are simply part of it
    :raises NotApproved: if nobody but the translator looked at it, or the language is there already
    :raises Incomplete: if it answers some of the four questions that the authors answered and not others
    :raises TextRejected: if the text is empty, too large or not a text
    """
    policy = Policy.objects.locked(version.policy_id)
    if not version.is_published:
        raise NotPublished(_("This version is a draft: add the language to the draft itself."))
    if translated_by == by and not policy.solo:
        raise NotApproved(_("Somebody other than the translator has to approve a translation."))
    if version.texts.filter(language=text.language).exists():
        raise NotApproved(_("This language is published already and stays as it is. A correction is a new version."))
    body = canonical.canonicalize(canonical.check(text.body))
    added = VersionText(
        version=version,
        language=text.language,
        title=text.title.strip(),
        body=body,
        short_version=text.short_version.strip(),
        sha256=canonical.fingerprint(body),
        **text.answers,
    )
    if added.unmatched:
        raise review.Incomplete({"answers": review.half_translated(added)})
    added.full_clean()
    added.save()
    rendering.store(version)
    AuditEvent.record("translation.added", version=version, by=by, at=at, language=text.language)
    body_of_leaf = {
        "version": version.pk,
        "title": added.title,
        "sha256": added.sha256,
        "sealed_sha256": manifest.fingerprint(manifest.sealed(added)),
    }
    ledger.append(kind="translation", reference=f"{version.pk}/{text.language}", body=body_of_leaf, at=at)
    return added
