"""How people stand to a version: who accepted, declined, was let off, waits for an answer or could not be reached."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from policies import clock
from policies.acceptance.roll import roll_call
from policies.models import Policy, Scope
from policies.models.fields import refuse_unknown_tags
from policies.views.programs.api import instants, versions
from policies.views.programs.api.authentication import Key
from policies.views.programs.api.given import Instant

router = Router(tags=["answers"])
MOST_AT_ONCE = 1000

State = Literal["accepted", "declined", "waived", "unreached", "waiting"]
AUDIENCE = Field("", max_length=50, description="Only people with this tag; empty: everybody.")


class Audience(Schema):
    audience: str = AUDIENCE


class Chosen(Schema):
    """Which people, and which part of them."""

    state: State | None = Field(None, description="Only those in this state.")
    audience: str = AUDIENCE
    since: Instant | None = Field(None, description="Only those who have been in their state since then, or later.")
    after: int = Field(0, ge=0, le=2**63 - 1)
    limit: int = Field(100, ge=1, le=MOST_AT_ONCE)


class CountsOut(Schema):
    """Everybody whom the policy binds now is in exactly one state."""

    policy: str
    version: int
    effective_at: datetime | None
    total: int
    accepted: int
    declined: int
    waived: int
    unreached: int = Field(..., description="No answer; no mail arrived, and the notice was never shown to them.")
    waiting: int


class StandsOut(Schema):
    """One person. `external_id` is null for whom only this site knows; `since` of a waiver is not kept."""

    external_id: str | None
    audience: list[str]
    state: State
    since: datetime | None


class StandsPage(Schema):
    """`next` is the `after` of the next part; null at the end."""

    policy: str
    version: int
    items: list[StandsOut]
    next: int | None


@router.get(
    "/policies/{slug}/versions/{str:label}/answers",
    auth=Key(Scope.ACTS_READ),
    response=CountsOut,
    summary="How many accepted",
)
def answers(request: HttpRequest, slug: str, label: str, asked: Query[Audience]) -> CountsOut:  # noqa: ARG001
    version = versions.published(slug, label)
    counts = roll_call.count(version, audience=_tag(asked.audience), at=clock.now())
    return CountsOut(
        policy=version.policy.slug,
        version=version.number or 0,
        effective_at=version.effective_at,
        total=counts.total,
        **{state.value: n for state, n in counts.by_state.items()},
    )


@router.get(
    "/policies/{slug}/versions/{str:label}/answers/people",
    auth=Key(Scope.ACTS_READ),
    response=StandsPage,
    summary="Who accepted, in parts",
)
def answers_of_people(request: HttpRequest, slug: str, label: str, asked: Query[Chosen]) -> StandsPage:  # noqa: ARG001
    """In the order in which people were added."""
    since = instants.given(asked.since) if asked.since else None
    chosen = roll_call.Chosen(state=asked.state or "", audience=_tag(asked.audience), since=since)
    version = versions.published(slug, label)
    found, following = roll_call.page(version, chosen, after=asked.after, limit=asked.limit, at=clock.now())
    return StandsPage(
        policy=version.policy.slug,
        version=version.number or 0,
        items=[
            StandsOut.model_validate(
                {
                    "external_id": entry.person.external_id,
                    "audience": list(entry.person.audiences),
                    "state": entry.state.value,
                    "since": entry.since,
                }
            )
            for entry in found
        ],
        next=following,
    )


def _tag(audience: str) -> str:
    """
    An audience that is asked about.

    :raises ValidationError: for one that nothing names: most often it was misspelt
    """
    if audience:
        refuse_unknown_tags([audience], known=Policy.objects.known_audiences())
    return audience
