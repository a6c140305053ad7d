"""A version beside its page: as Markdown, plain text, JSON and PDF."""

import base64
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _

from policies import date_formats, rendering, timeline
from policies.evidence.pack import printing
from policies.models import Summary, VersionText
from policies.models.fields import Label
from policies.sign_in import networks
from policies.views.public import comparing
from policies.views.shared import errors, limits, page_context, responses
from policies.views.shared.policy_urls import absolute, of_a_policy, path_to

A_YEAR = 365 * 24 * 60 * 60
# Setting a page in type takes seconds of a processor.
PDFS_PER_MINUTE = 6
SHEETS = ("site", "redline", "paper")


def as_markdown(
    request: HttpRequest, its_timeline: timeline.Timeline, language: str, number: Label
) -> HttpResponseBase:
    """
    Give the canonical bytes, for ever the same: their sha256 is the strong ETag and the digest.

    RFC 9110 (8.8.3), RFC 9530 (Repr-Digest), RFC 8246 (immutable).
    """
    text = text_of(its_timeline, language, number)
    response = HttpResponse(rendering.words_of(text), content_type="text/markdown; charset=utf-8")
    _as_file(response, text, "md")
    digest = base64.b64encode(bytes.fromhex(text.sha256)).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    response.headers["ETag"] = f'"{text.sha256}"'
    patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    return get_conditional_response(request, etag=response.headers["ETag"], response=response) or response


def as_plain(request: HttpRequest, its_timeline: timeline.Timeline, language: str, number: Label) -> HttpResponseBase:
    """Give the words without any mark-up."""
    text = text_of(its_timeline, language, number)
    entry = its_timeline.entry(number)
    head = [text.title, _("Last updated %(day)s") % {"day": date_formats.last_updated(text.version)}]
    content = "\n".join([*head, entry.sentence if entry else "", "", rendering.rendering_of(text).plain])
    return _as_file(responses.file(request, content, "text/plain; charset=utf-8", language=text.language), text, "txt")


def as_json(request: HttpRequest, its_timeline: timeline.Timeline, language: str, number: Label) -> HttpResponseBase:  # noqa: ARG001 - one answer for every reader
    """Give everything that is public about a version, with its text as Markdown."""
    text = text_of(its_timeline, language, number)
    entry = its_timeline.entry_of(text.version)
    found = facts(its_timeline, entry, text.version.summary_in(text.language)) | _words(text)
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False})
    patch_cache_control(response, public=True, no_cache=True)
    return _as_file(response, text, "json")


@of_a_policy
def pdf(request: HttpRequest, its_timeline: timeline.Timeline, language: str, number: Label) -> HttpResponseBase:
    """Give the page as it prints, where the optional WeasyPrint is installed."""
    text = text_of(its_timeline, language, number)
    if refused := _cannot_print(request, its_timeline):
        return refused
    entry = its_timeline.entry_of(text.version)
    page = page_context.version_page(its_timeline, entry, text.language)
    return _as_file(_printed("policies/version.html", its_timeline, page), text, "pdf")


@of_a_policy
def redline_pdf(
    request: HttpRequest, its_timeline: timeline.Timeline, language: str, before: Label, after: Label
) -> HttpResponseBase:
    """Give the redline of two versions as it prints; whoever names them the wrong way round gets the right one."""
    first, second = sorted((before, after))
    if first == second:
        return errors.version_missing(request, its_timeline, language)
    if refused := _cannot_print(request, its_timeline):
        return refused
    try:
        caller = networks.caller(request)
        page = comparing.compared(its_timeline, first, second, language=language, view="inline", caller=caller)
    except comparing.TooMany:
        return errors.too_many(request)
    if page is None:
        return errors.version_missing(request, its_timeline, language)
    response = _printed("policies/compare.html", its_timeline, page)
    name = f"{its_timeline.policy.slug}-v{first}-v{second}-{page.language}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Content-Language"] = page.language
    return response


def _cannot_print(request: HttpRequest, its_timeline: timeline.Timeline) -> HttpResponseBase | None:
    if not printing.can_print():
        return errors.plain(request, 501)
    minute = int(its_timeline.at.timestamp()) // 60
    if limits.is_over("pdf", networks.caller(request), per_minute=PDFS_PER_MINUTE, minute=minute):
        return errors.too_many(request)
    return None


def _printed(template: str, its_timeline: timeline.Timeline, page: object) -> HttpResponse:
    html = render_to_string(template, {"page": page, "policy": its_timeline.policy})
    content = printing.printed(html, sheets=[str(finders.find(f"css/{name}.css")) for name in SHEETS])
    response = HttpResponse(content, content_type="application/pdf")
    patch_cache_control(response, public=True, no_cache=True)
    return response


def facts(its_timeline: timeline.Timeline, entry: timeline.Entry, summary: Summary) -> dict[str, Any]:
    """What machines are told about a version without its text."""
    version, policy = entry.version, its_timeline.policy
    return {
        "policy": policy.slug,
        "number": version.number,
        "correction": version.correction,
        "label": str(entry.label),
        "follows": str(entry.predecessor.label) if entry.predecessor else None,
        "state": entry.state,
        "class": version.change_class,
        "tier": version.tier or None,
        "reasons": version.reasons,
        "last_updated": {"date": date_formats.last_updated(version).machine, "precision": version.date_precision},
        "published_at": _instant(version.published_at),
        "effective_at": _instant(version.effective_at),
        "withdrawn_at": _instant(version.withdrawn_at),
        "time_zone": version.zone.key,
        "acceptance": version.acceptance,
        "retroactive": version.retroactive,
        "imported": version.imported,
        "summary": asdict(summary),
        "manifest_sha256": version.manifest_sha256,
        "url": absolute(path_to("version", policy, number=entry.label)),
    }


def _words(text: VersionText) -> dict[str, Any]:
    return {
        "language": text.language,
        "authoritative": text.authoritative,
        "title": text.title,
        "short_version": text.short_version,
        "sha256": text.sha256,
        "markdown": rendering.words_of(text),
    }


markdown, plain, json = of_a_policy(as_markdown), of_a_policy(as_plain), of_a_policy(as_json)


def text_of(its_timeline: timeline.Timeline, language: str, number: Label) -> VersionText:
    """The text in exactly this language: a file never stands in for another one."""
    entry = its_timeline.entry(number)
    text = next((each for each in entry.version.all_texts if each.language == language), None) if entry else None
    if text is None:
        raise Http404
    return text


def _as_file(response: Any, text: VersionText, ending: str) -> HttpResponseBase:
    name = f"{text.version.policy.slug}-v{text.version.label}-{text.language}.{ending}"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Content-Language"] = text.language
    answered: HttpResponseBase = response
    return answered


def _instant(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
