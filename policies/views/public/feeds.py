"""
Follow without an account: Atom (RFC 4287) and JSON Feed 1.1, one entry for each published version.

There is a feed of each policy in each of its languages, and one of all policies, each entry in its policy's own.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from policies import clock, date_formats, language_names, timeline
from policies.front.keeping import keep
from policies.look import in_use
from policies.models import Summary, VersionText
from policies.views.shared import page_context, responses
from policies.views.shared.origins import open_to_all
from policies.views.shared.policy_urls import absolute, of_a_policy, path_to

NAMESPACE = "tag:policysite,2026:feed"
MOST_ENTRIES = 100
ATOM, JSON_FEED = "application/atom+xml; charset=utf-8", "application/feed+json; charset=utf-8"


@dataclass(frozen=True)
class Item:
    """One event of a policy as feeds tell it: a version, or that there will be no other one."""

    identity: str
    language: str
    title: str
    sentences: tuple[str, ...]
    answers: Summary | None
    link: str
    published_at: datetime
    updated_at: datetime
    effective_at: datetime | None
    categories: list[str]

    @property
    def html(self) -> str:
        return render_to_string("policies/feed_entry.html", {"item": self})

    @property
    def plain(self) -> str:
        answers = self.answers.titled if self.answers else ()
        return "\n\n".join([*self.sentences, *(f"{question}\n{answer}" for question, answer in answers)])


@dataclass(frozen=True)
class Feed:
    """Everything that both formats say of a feed."""

    identity: str
    language: str
    title: str
    subtitle: str
    page: str
    addresses: dict[str, str]
    items: list[Item]


class PolicyFeed(Atom1Feed):
    """Atom that also says when a version takes effect, and in which language an entry is."""

    def root_attributes(self) -> dict[str, str]:
        return super().root_attributes() | {"xmlns:p": NAMESPACE}

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["language"]}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["effective_at"]:
            handler.addQuickElement("p:effective", item["effective_at"].isoformat())


@of_a_policy
def atom(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Give the versions as Atom."""
    return responses.file(request, _atom(_feed(its_timeline, language)), ATOM, language=language)


@of_a_policy
def json_feed(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Give the versions as JSON Feed."""
    return responses.file(request, _json(_feed(its_timeline, language)), JSON_FEED, language=language)


@open_to_all
@require_safe
def atom_of_all(request: HttpRequest) -> HttpResponseBase:
    """Give the versions of all policies as Atom."""
    return _of_all(request, ATOM)


@open_to_all
@require_safe
def json_feed_of_all(request: HttpRequest) -> HttpResponseBase:
    """Give the versions of all policies as JSON Feed."""
    return _of_all(request, JSON_FEED)


def _of_all(request: HttpRequest, content_type: str) -> HttpResponseBase:
    language = settings.LANGUAGE_CODE
    found = timeline.of_all(at=clock.now())
    newest = sorted(
        ((each, entry) for each in found for entry in each.entries),
        key=lambda pair: _set(pair[1].version.published_at),
        reverse=True,
    )[:MOST_ENTRIES]
    versions = [entry.version for _its, entry in newest]
    prefetch_related_objects(versions, "date_changes", Prefetch("texts", VersionText.objects.defer("body")))
    items = [*_spoken(newest), *_retirements(found)]
    with language_names.speaking(language):
        feed = Feed(
            identity=f"{_ours()}:policies",
            language=language,
            title=in_use.organization(),
            subtitle=_("Every published version of every policy"),
            page=absolute(reverse("policies:home")),
            addresses={name: absolute(reverse(f"policies:{name}_of_all")) for name in ("atom", "json_feed")},
            items=sorted(items, key=attrgetter("updated_at"), reverse=True)[:MOST_ENTRIES],
        )
        made = _atom(feed) if content_type == ATOM else _json(feed)
    return keep(request, responses.file(request, made, content_type, language=language))


def _spoken(entries: Iterable[tuple[timeline.Timeline, timeline.Entry]]) -> Iterator[Item]:
    """Each in its policy's own language."""
    for its_timeline, entry in entries:
        with language_names.speaking(its_timeline.policy.language):
            yield _item(its_timeline, entry, its_timeline.policy.language)


def _retirements(found: Iterable[timeline.Timeline]) -> Iterator[Item]:
    for its_timeline in found:
        with language_names.speaking(its_timeline.policy.language):
            yield from _retired(its_timeline, its_timeline.policy.language)


def _feed(its_timeline: timeline.Timeline, language: str) -> Feed:
    policy, entries = its_timeline.policy, its_timeline.entries[:MOST_ENTRIES]
    prefetch_related_objects([entry.version for entry in entries], "date_changes")
    return Feed(
        identity=_identity(its_timeline, language),
        language=language,
        title=policy.title,
        subtitle=_("Every published version"),
        page=absolute(path_to("policy", policy, language)),
        addresses={name: absolute(path_to(name, policy, language)) for name in ("atom", "json_feed")},
        items=[*_retired(its_timeline, language), *(_item(its_timeline, entry, language) for entry in entries)],
    )


def _atom(feed: Feed) -> str:
    made = PolicyFeed(
        title=feed.title,
        link=feed.page,
        description=feed.subtitle,
        language=feed.language,
        author_name=in_use.organization(),
        feed_url=feed.addresses["atom"],
        feed_guid=feed.identity,
    )
    for item in feed.items:
        made.add_item(
            title=item.title,
            link=item.link,
            description=item.html,
            unique_id=item.identity,
            pubdate=item.published_at,
            updateddate=item.updated_at,
            categories=item.categories,
            effective_at=item.effective_at,
            language=item.language,
        )
    return str(made.writeString("utf-8"))


def _json(feed: Feed) -> str:
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.addresses["json_feed"],
        "language": feed.language,
        "authors": [{"name": in_use.organization()}],
        "items": [
            {
                "id": item.identity,
                "url": item.link,
                "title": item.title,
                "language": item.language,
                "content_html": item.html,
                "content_text": item.plain,
                "date_published": item.published_at.isoformat(),
                "date_modified": item.updated_at.isoformat(),
                "tags": item.categories,
                "_policysite": {"effective_at": item.effective_at.isoformat() if item.effective_at else None},
            }
            for item in feed.items
        ],
    }
    return json.dumps(content, ensure_ascii=False)


def _item(its_timeline: timeline.Timeline, entry: timeline.Entry, language: str) -> Item:
    version, here = entry.version, page_context.mention(its_timeline, entry, language)
    titles = {text.language: text.title for text in version.all_texts}
    words = {"title": titles.get(language, its_timeline.policy.title), "number": entry.label}
    first = _("In effect from %(day)s.") % {"day": date_formats.effect(version)}
    if version.withdrawn_at:
        first = f"{entry.sentence}."
    moved = [change.at for change in version.date_changes.all()]
    published_at = _set(version.published_at)
    return Item(
        identity=f"{_identity(its_timeline, language)}:v{entry.label}",
        language=language,
        title=_("%(title)s, version %(number)s") % words,
        sentences=tuple(filter(None, [first, here.summary.note])),
        answers=here.summary,
        link=absolute(here.compare_path or here.path),
        published_at=published_at,
        updated_at=max([published_at, *moved, version.withdrawn_at or published_at]),
        effective_at=_set(version.effective_at),
        categories=[version.change_class, *version.reasons],
    )


def _retired(its_timeline: timeline.Timeline, language: str) -> Iterator[Item]:
    """Whoever follows a retired policy learns that nothing more will come."""
    policy = its_timeline.policy
    if policy.retired_at is None:
        return
    said = _("%(title)s is retired. It gets no further version; its texts stay here for ever.")
    yield Item(
        identity=f"{_identity(its_timeline, language)}:retired",
        language=language,
        title=_("%(title)s is retired") % {"title": policy.title},
        sentences=(said % {"title": policy.title},),
        answers=None,
        link=absolute(path_to("policy", policy, language)),
        published_at=policy.retired_at,
        updated_at=policy.retired_at,
        effective_at=None,
        categories=["retired"],
    )


def _identity(its_timeline: timeline.Timeline, language: str) -> str:
    """A name that outlives a change of the policy's address (RFC 4151); each language has its own feed and entries."""
    policy = its_timeline.policy
    own = "" if language == policy.language else f":{language}"
    return f"{_ours()}:policy:{policy.pk}{own}"


def _ours() -> str:
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026"


def _set(at: datetime | None) -> datetime:
    """A published version has its instants (a constraint of the database)."""
    return at or datetime.max.replace(tzinfo=UTC)
