"""The mails of a notice: what they say, as text and as HTML, and the templates they are kept in."""

import logging
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime

import css_inline
from django.conf import settings
from django.template import Context, engines
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from policies import date_formats, language_names, publishing, rendering
from policies.look import in_use
from policies.look.in_use import Look
from policies.models import Acceptance, Checkpoint, MailTemplate, Notice, Summary, Version, VersionText
from policies.models.summaries import words_note
from policies.notices.write import mail_links, mime
from policies.text.words import language_tags

log = logging.getLogger(__name__)
Kind, Stream = Notice.Kind, Notice.Stream

# Larger mails are cut off by some readers; what is left out is behind the link, and the full text is attached.
LONGEST_CHANGES = 60_000
# Where a preview has no account to name.
ANYBODY = "…"


@dataclass(frozen=True)
class Preview:
    """A mail as its recipients will see it."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Letter:
    """
    Everything that a mail's templates show, ready to be shown.

    `answers` are (question, answer). `remark_language`, `answers_language` and `text_language` (that of the changed
    clauses) may be others than the mail's; `words_note` says so of the first two.
    """

    subject: str
    headline: str
    organization: str
    policy: str
    version: str
    kind: str
    is_alert: bool
    effective_on: str
    zone: str
    remark: str = ""
    was_effective_on: str = ""
    asks: bool = False
    answers: tuple[tuple[str, str], ...] = ()
    remark_language: str = ""
    answers_language: str = ""
    words_note: str = ""
    text_language: str = ""
    changes_text: str = ""
    changes_html: SafeString = field(default_factory=lambda: SafeString(""))
    changes_are_cut: bool = False
    main_url: str = ""
    main_label: str = ""
    page_url: str = ""
    unfollow_url: str = ""
    account_text: str = ""
    account_html: str = ""
    fingerprint: str = ""
    ledger_head: str = ""
    contact: str = ""
    look: Look = field(default_factory=Look)


def preview(version: Version, language: str, *, look: Look | None = None) -> Preview:
    """The legal notice of a version in one language; a draft's under the number it would get. `look`: one in no use."""
    shown = copy(version)
    if version.number is None:
        shown.number, shown.correction = publishing.next_label(version)
    written = _written(Notice(version=shown, stream=Stream.LEGAL, kind=Kind.CHANGE), language, look)
    return replace(
        written,
        text=written.text.replace(mime.ACCOUNT_TEXT, ANYBODY),
        html=written.html.replace(mime.ACCOUNT_HTML, ANYBODY),
    )


def shown(template: MailTemplate) -> str:
    """The HTML part of a notice's mail as it is sent, with nobody's account, and links that open nobody's answer."""
    return mime.html_of(template.source).replace(mime.ACCOUNT_HTML, ANYBODY)


def write_templates(notice: Notice, languages: Iterable[str], *, at: datetime) -> set[str]:
    """
    Write a notice's mail in each language, once; return the languages in which it could not be written.

    What fails in one language is kept with its error, and the other languages go on.
    """
    for language in sorted(set(languages) - set(notice.templates.values_list("language", flat=True))):
        MailTemplate.objects.get_or_create(
            notice=notice, language=language, defaults={**_source(notice, language), "made_at": at}
        )
    return set(notice.templates.exclude(error="").values_list("language", flat=True))


def _source(notice: Notice, language: str) -> Mapping[str, str]:
    try:
        written = _written(notice, language)
        return {"subject": written.subject, "source": mime.build(_mail(notice, language, written))}
    except Exception as error:  # whatever a template can do is recorded, and stops nobody else
        log.exception("The mail of notice %s cannot be written in %s.", notice.pk, language)
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def _mail(notice: Notice, language: str, written: Preview) -> mime.Mail:
    is_alert = notice.stream == Stream.ALERT
    text = notice.version.text_in(language)
    return mime.Mail(
        sender=in_use.look().sender(settings.ALERTS_FROM if is_alert else settings.LEGAL_FROM),
        subject=written.subject,
        text=written.text,
        html=written.html,
        reply_to=notice.version.policy.contact,
        headers=(*_headers(notice), *(way_out() if is_alert else ())),
        # A link alone is no durable medium (CJEU C-49/11): the text itself comes along.
        attachments=() if is_alert or notice.kind == Kind.WITHDRAWN else (_full_text(notice.version, text),),
    )


def _headers(notice: Notice) -> tuple[tuple[str, str], ...]:
    slug, domain = notice.version.policy.slug, settings.MAIL_DOMAIN
    return (
        ("Auto-Submitted", "auto-generated"),
        ("List-Id", f"<{slug}.{notice.stream}.{domain}>"),
        ("Feedback-ID", f"{notice.pk}:{slug}:{notice.stream}:policysite"),
    )


def way_out() -> tuple[tuple[str, str], ...]:
    """The headers by which a follower ends it with one click (RFC 8058)."""
    return (
        ("List-Unsubscribe", f"<{mail_links.unfollow(mime.TOKEN)}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def _full_text(version: Version, text: VersionText) -> mime.Attachment:
    """As a page, which every phone opens; its fingerprint is that of the words, as the mail names it."""
    page = rendering.alone(text, rendering.rendering_of(text))
    return mime.Attachment(f"{version.policy.slug}-v{version.label}-{text.language}.html", "html", page)


def _written(notice: Notice, language: str, look: Look | None = None) -> Preview:
    with language_names.speaking(language, notice.version.policy.language):
        letter = _letter(notice, language, look or in_use.look())
        context = {"letter": letter}
        return Preview(
            subject=letter.subject,
            text=_render_text("mail/notice.txt", context),
            html=_render_html("mail/notice.html", context),
        )


def _letter(notice: Notice, language: str, look: Look) -> Letter:
    version, kind = notice.version, notice.kind
    text = version.text_in(language)
    before = version.based_on if kind != Kind.WITHDRAWN else None
    is_alert, asks = notice.stream == Stream.ALERT, version.acceptance == Acceptance.EXPLICIT
    summary = version.summary_in(language) if kind != Kind.WITHDRAWN else None
    changes_text, changes_html, is_cut = _changes(before, text)
    main_url, main_label = _main_link(version, before, text.language, asks=asks and not is_alert, kind=kind)
    return Letter(
        subject=_subject(notice, text.title),
        headline=_headline(notice, text.title),
        organization=look.organization,
        policy=text.title,
        version=version.name,
        kind=kind,
        is_alert=is_alert,
        effective_on=effective_on(version),
        zone=date_formats.place(version.zone),
        remark=notice.remark,
        was_effective_on=_was_effective_on(notice),
        asks=asks and not is_alert and kind != Kind.WITHDRAWN,
        answers=summary.titled if summary else (),
        remark_language=version.policy.language,
        answers_language=summary.language if summary else "",
        words_note=_words_note(notice, summary),
        text_language=text.language,
        changes_text=changes_text,
        changes_html=SafeString(changes_html),  # made by policies.text, which lets no markup of an author through
        changes_are_cut=is_cut,
        main_url=main_url,
        main_label=main_label,
        page_url=mail_links.page(version.policy, text.language),
        unfollow_url=mail_links.unfollow(mime.TOKEN) if is_alert else "",
        account_text="" if is_alert else mime.ACCOUNT_TEXT,
        account_html="" if is_alert else mime.ACCOUNT_HTML,
        fingerprint=text.sha256,
        ledger_head=_ledger_head(),
        contact=version.policy.contact,
        look=look,
    )


def effective_on(version: Version) -> str:
    """The day a version takes effect, in the policy's legal zone and the reader's language."""
    if version.effective_at is None:
        return _("the day it is published")
    return date_formats.day(version.effective_at, version.zone)


def _subject(notice: Notice, title: str) -> str:
    subjects = {
        Kind.CHANGE: _("Updated %(title)s – takes effect %(date)s"),
        Kind.AGAIN: _("Updated %(title)s – takes effect %(date)s"),
        Kind.POSTPONED: _("%(title)s: the change now takes effect %(date)s"),
        Kind.WITHDRAWN: _("%(title)s: the announced change will not take effect"),
        Kind.REMINDER: _("Reminder: %(title)s changes on %(date)s"),
        Kind.CORRECTION: _("Correction: our notice about %(title)s"),
    }
    return subjects[Kind(notice.kind)] % {"title": title, "date": effective_on(notice.version)}


def _headline(notice: Notice, title: str) -> str:
    headlines = {
        Kind.CHANGE: _("We are changing our %(title)s"),
        Kind.AGAIN: _("We are changing our %(title)s"),
        Kind.POSTPONED: _("The change of our %(title)s comes later"),
        Kind.WITHDRAWN: _("The change of our %(title)s is withdrawn"),
        Kind.REMINDER: _("Our %(title)s is about to change"),
        Kind.CORRECTION: _("We told you something wrong about our %(title)s"),
    }
    return headlines[Kind(notice.kind)] % {"title": title}


def _was_effective_on(notice: Notice) -> str:
    """The day that people were told last, which this notice moves."""
    if notice.kind != Kind.POSTPONED:
        return ""
    told = notice.version.notices.filter(pk__lt=notice.pk, begun_at__isnull=False).exclude(effective_at=None)
    last = told.exclude(effective_at=notice.effective_at).order_by("pk").last()
    moved = notice.version.date_changes.filter(pk=notice.occasion).first()
    was = last.effective_at if last else moved.was_effective_at if moved else None
    return date_formats.day(was, notice.version.zone) if was else ""


def _words_note(notice: Notice, summary: Summary | None) -> str:
    """Say before the first words of the editors that are not in the mail's language which one they are in."""
    written_in = notice.version.policy.language
    is_ours = language_tags.are_one(translation.get_language() or "", written_in)
    if notice.remark and not is_ours:  # a remark is written once, for this notice alone
        return words_note(written_in)
    return summary.note if summary else ""


def _changes(before: Version | None, text: VersionText) -> tuple[str, str, bool]:
    earlier = before.texts.filter(language=text.language).first() if before else None
    if earlier is None:
        return "", "", False
    comparison = rendering.comparison_of(earlier, text)
    if len(comparison.mail_html) > LONGEST_CHANGES:
        # HTML cannot be cut anywhere; the plain form can, at the end of a paragraph.
        return comparison.plain[:LONGEST_CHANGES].rpartition("\n\n")[0], "", True
    return comparison.plain, comparison.mail_html, False


def _main_link(version: Version, before: Version | None, language: str, *, asks: bool, kind: str) -> tuple[str, str]:
    if kind == Kind.WITHDRAWN:
        return mail_links.page(version.policy, language), _("Read the text in force")
    if asks:
        return mail_links.answer_by_mail(version), _("See what changes and answer")
    if before and before.number:
        return mail_links.redline(before, version, language), _("See what changes")
    return mail_links.version(version, language), _("Read the text")


def _ledger_head() -> str:
    head = Checkpoint.objects.order_by("-size").first()
    return f"{head.size} {bytes(head.root).hex()}" if head else ""


def _render_text(name: str, context: Mapping[str, object]) -> str:
    # Plain text: nothing is escaped, because nothing interprets it.
    rendered = engines["django"].get_template(name).template.render(Context(dict(context), autoescape=False))  # type: ignore[attr-defined]
    lines = (line.rstrip() for line in rendered.strip().splitlines())
    return "\n".join(_single_blanks(lines)) + "\n"


def _single_blanks(lines: Iterable[str]) -> Iterable[str]:
    """At most one empty line in a row, so that templates can be laid out to be read."""
    last = ""
    for line in lines:
        if line or last:
            yield line
        last = line


def _render_html(name: str, context: Mapping[str, object]) -> str:
    rendered = engines["django"].get_template(name).render(dict(context))
    # Rules that cannot be inlined, such as those for dark screens, stay in the head.
    return css_inline.inline(rendered, keep_style_tags=True, load_remote_stylesheets=False)
