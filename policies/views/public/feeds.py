"""Follow without an account: Atom (RFC 4287) and JSON Feed 1.1, one entry for each published version."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponseBase
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from policies import date_formats, timeline
from policies.look import in_use
from policies.views.shared import page_context, responses
from policies.views.shared.policy_urls import absolute, of_a_policy, path_to

NAMESPACE = "tag:policysite,2026:feed"
MOST_ENTRIES = 100


@dataclass(frozen=True)
class Item:
    """One version as feeds tell it."""

    identity: str
    title: str
    summary: str
    link: str
    published_at: datetime
    updated_at: datetime
    effective_at: datetime
    categories: list[str]


class PolicyFeed(Atom1Feed):
    """Atom that also says when a version takes effect."""

    def root_attributes(self) -> dict[str, str]:
        return super().root_attributes() | {"xmlns:p": NAMESPACE}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("p:effective", item["effective_at"].isoformat())


@of_a_policy
def atom(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Give the versions as Atom."""
    policy = its_timeline.policy
    feed = PolicyFeed(
        title=policy.title,
        link=absolute(path_to("policy", policy, language)),
        description=_("Every published version"),
        language=language,
        author_name=in_use.organization(),
        feed_url=absolute(path_to("atom", policy, language)),
        feed_guid=_identity(its_timeline),
    )
    for item in _items(its_timeline, language):
        feed.add_item(
            title=item.title,
            link=item.link,
            description=item.summary,
            unique_id=item.identity,
            pubdate=item.published_at,
            updateddate=item.updated_at,
            categories=item.categories,
            effective_at=item.effective_at,
        )
    content = feed.writeString("utf-8")
    return responses.file(request, content, "application/atom+xml; charset=utf-8", language=language)


@of_a_policy
def json_feed(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Give the versions as JSON Feed."""
    policy = its_timeline.policy
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": policy.title,
        "home_page_url": absolute(path_to("policy", policy, language)),
        "feed_url": absolute(path_to("json_feed", policy, language)),
        "language": language,
        "authors": [{"name": in_use.organization()}],
        "items": [
            {
                "id": item.identity,
                "url": item.link,
                "title": item.title,
                "content_text": item.summary,
                "date_published": item.published_at.isoformat(),
                "date_modified": item.updated_at.isoformat(),
                "tags": item.categories,
                "_policysite": {"effective_at": item.effective_at.isoformat()},
            }
            for item in _items(its_timeline, language)
        ],
    }
    return responses.file(
        request, json.dumps(content, ensure_ascii=False), "application/feed+json; charset=utf-8", language=language
    )


def _items(its_timeline: timeline.Timeline, language: str) -> list[Item]:
    entries = its_timeline.entries[:MOST_ENTRIES]
    prefetch_related_objects([entry.version for entry in entries], "date_changes")
    return [_item(its_timeline, entry, language) for entry in entries]


def _item(its_timeline: timeline.Timeline, entry: timeline.Entry, language: str) -> Item:
    version, here = entry.version, page_context.mention(its_timeline, entry, language)
    titles = {text.language: text.title for text in version.all_texts}
    words = {"title": titles.get(language, its_timeline.policy.title), "number": entry.label}
    first = _("In effect from %(day)s.") % {"day": date_formats.effect(version)}
    if version.withdrawn_at:
        first = f"{entry.sentence}."
    summary = [first, here.summary.note, *(answer for _question, answer in here.summary.titled)]
    moved = [change.at for change in version.date_changes.all()]
    published_at = _set(version.published_at)
    return Item(
        identity=f"{_identity(its_timeline)}:v{entry.label}",
        title=_("%(title)s, version %(number)s") % words,
        summary="\n\n".join(part for part in summary if part.strip()),
        link=absolute(here.compare_path or here.path),
        published_at=published_at,
        updated_at=max([published_at, *moved, version.withdrawn_at or published_at]),
        effective_at=_set(version.effective_at),
        categories=[version.change_class, *version.reasons],
    )


def _identity(its_timeline: timeline.Timeline) -> str:
    """A name that outlives a change of the policy's address (RFC 4151)."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:policy:{its_timeline.policy.pk}"


def _set(at: datetime | None) -> datetime:
    """A published version has its instants (a constraint of the database)."""
    return at or datetime.max.replace(tzinfo=UTC)
