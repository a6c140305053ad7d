"""What people have to answer, their answers, receipts, and handing a signed-in person over to the answer page."""

import hashlib
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema, Status

from policies import acceptance, clock, evidence
from policies.acceptance import handover, receipts
from policies.models import Act, ActSubject, Person, Policy, Scope, Version
from policies.models.fields import Label
from policies.views.programs.api import instants, people, versions
from policies.views.programs.api.authentication import Key, key_of
from policies.views.programs.api.given import Given, Instant, Language
from policies.views.programs.api.problems import Problem

router = Router(tags=["answers"])
MOST_AT_ONCE = 200
IDEMPOTENT = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "schema": {"type": "string", "minLength": 8, "maxLength": 200},
        }
    ]
}
VERBS = {"agreed": acceptance.accept, "declined": acceptance.decline, "displayed": acceptance.note_displayed}


class QuestionOut(Schema):
    policy: str
    version: int
    correction: int
    title: str
    languages: list[str]
    stage: str
    effective_at: datetime
    due_at: datetime | None
    accepted_version: int | None = Field(..., description="The number alone; a correction changes no meaning.")
    has_declined: bool
    is_optional: bool
    manifest_sha256: str
    answer_url: str
    summary: versions.SummaryOut = Field(..., description="In the person's language, or else in its authors'.")


class ActIn(Given):
    """An answer your product took. The hashes say what it showed: they come from the version it was made from."""

    answer: Literal["agreed", "declined", "displayed"]
    policy: str = Field(..., max_length=80)
    version: int = Field(..., ge=1, le=2**31 - 1)
    correction: int = Field(0, ge=0, le=2**15 - 1, description="2.1 is version 2, correction 1.")
    language: Language = Field("en", description="What was shown: it falls back as it does here.")
    text_sha256: str = Field(..., pattern="^[0-9a-f]{64}$")
    manifest_sha256: str = Field(..., pattern="^[0-9a-f]{64}$")
    wording: str = Field("", max_length=500, description="The words beside the button, as they were shown.")
    displayed_at: Instant | None = None
    client_time: str = Field("", max_length=40)
    on_behalf: str = Field("", max_length=500, description="By what right somebody answered for this person.")


class ActOut(Schema):
    reference: UUID
    answer: str
    policy: str
    version: int
    correction: int
    language: str
    text_sha256: str
    at: datetime


class Page(Schema):
    """`next` is the `after` of the next page; empty at the end."""

    items: list[ActOut]
    next: int | None


class Part(Schema):
    """Which part of a long list."""

    after: int = Field(0, ge=0, le=2**63 - 1)
    limit: int = Field(50, ge=1, le=MOST_AT_ONCE)


class HandOverIn(Given):
    return_to: str = Field("", max_length=500, description="Where the person goes afterwards, on an allowed origin.")


class HandOverOut(Schema):
    url: str
    expires_at: datetime
    return_key: str = Field(..., description="Checks the way back (HMAC-SHA256). Keep it on your server.")


class Applied(Schema):
    """What applied to a person at an instant, and what was public."""

    policy: str
    in_force: int | None
    announced: int | None = Field(..., description="The newest version that stood on the public page then.")
    agreed: int | None
    agreed_at: datetime | None
    basis: evidence.Basis
    told_at: datetime | None


@router.get(
    "/people/{path:external_id}/outstanding",
    auth=Key(Scope.ACTS_READ),
    response=list[QuestionOut],
    summary="What is to be answered",
)
def outstanding(request: HttpRequest, external_id: str) -> list[QuestionOut]:  # noqa: ARG001
    """
    What binds today and is not answered, and beside it what is announced: each version with its own dates.

    Either can be answered; whoever agrees to the announced one is not asked about today's any more.
    """
    person, at = people.find(external_id), clock.now()
    asked = acceptance.outstanding(person=person, at=at)
    return [
        _question_out(each, person, at)
        for question in asked
        for each in (question, question.following)
        if each is not None
    ]


@router.post(
    "/people/{path:external_id}/acts",
    auth=Key(Scope.ACTS_WRITE),
    response={201: ActOut},
    summary="Record an answer",
    openapi_extra=IDEMPOTENT,
)
def post_act(
    request: HttpRequest,
    external_id: str,
    given: ActIn,
) -> Status[ActOut]:
    """The same Idempotency-Key finds the act that stands; another answer under it is refused."""
    at, key = clock.now(), key_of(request)
    idempotency_key = request.headers.get("Idempotency-Key", "")
    if not 8 <= len(idempotency_key) <= 200:
        raise Problem(422, "idempotency-key-needed", "Send an Idempotency-Key of 8 to 200 characters.")
    person = people.find(external_id)
    policy = Policy.objects.at_address(given.policy)
    version = policy.versions.filter(number=given.version, correction=given.correction).first() if policy else None
    if version is None:
        raise Http404(f"{given.policy} has no version {Label(given.version, given.correction)}.")
    render_id = hashlib.sha256(f"{key.pk}:{idempotency_key}".encode()).hexdigest()
    shown_in = version.text_in(given.language).language
    _refuse_reuse(render_id, given, person, version)
    showing = acceptance.Showing(
        language=shown_in,
        text_sha256=given.text_sha256,
        manifest_sha256=given.manifest_sha256,
        wording=given.wording,
        locale=given.language,
        render_id=render_id,
        displayed_at=given.displayed_at,
    )
    how = acceptance.Circumstances(
        method=Act.Method.API,
        strength=Act.Strength.HOST,
        source=key.name[:60],
        client_time=given.client_time,
        remark=given.on_behalf,
    )
    try:
        act = VERBS[given.answer](person=person, version=version, showing=showing, how=how, at=at)
    except IntegrityError:
        # The same key came twice at once, and the other call was first.
        _refuse_reuse(render_id, given, person, version)
        act = Act.objects.select_related("version__policy").get(render_id=render_id, kind=given.answer)
    return Status(201, as_out(act))


@router.get("/people/{path:external_id}/acts", auth=Key(Scope.ACTS_READ), response=Page, summary="Answers, in parts")
def get_acts(request: HttpRequest, external_id: str, part: Query[Part]) -> Page:  # noqa: ARG001 - ninja's signature
    """What a person answered, the oldest first."""
    limit = part.limit
    acts = Act.objects.of(people.find(external_id)).filter(pk__gt=part.after).select_related("version__policy")
    found = list(acts.order_by("pk")[: limit + 1])
    return Page(items=[as_out(act) for act in found[:limit]], next=found[limit - 1].pk if len(found) > limit else None)


@router.get("/acts/{reference}/receipt", auth=Key(Scope.ACTS_READ), response=dict, summary="A receipt")
def receipt(request: HttpRequest, reference: UUID) -> dict[str, object]:  # noqa: ARG001
    act = Act.objects.filter(subject_ref=reference).select_related("version__policy", "screen", "undoes").first()
    if act is None or not ActSubject.objects.filter(subject_ref=reference).exists():
        raise Http404("There is no such receipt, or its person was erased.")
    return receipts.document(act)


@router.get(
    "/people/{path:external_id}/applied", auth=Key(Scope.ACTS_READ), response=list[Applied], summary="What applied when"
)
def applied(request: HttpRequest, external_id: str, at: Instant) -> list[Applied]:  # noqa: ARG001
    return [
        Applied(
            policy=found.policy.slug,
            in_force=found.in_force.number if found.in_force else None,
            announced=found.announced.number if found.announced else None,
            agreed=found.agreed.number if found.agreed else None,
            agreed_at=found.agreed_at,
            basis=found.basis,
            told_at=found.told_at,
        )
        for found in evidence.applied_at(person=people.find(external_id), at=instants.given(at))
    ]


@router.post(
    "/people/{path:external_id}/hand-over",
    auth=Key(Scope.ACTS_WRITE),
    response=HandOverOut,
    summary="Send a person over",
)
def hand_over(request: HttpRequest, external_id: str, given: HandOverIn) -> HandOverOut:
    """A link that works once and for two minutes, for a person who is signed in to your product."""
    at = clock.now()
    try:
        token = handover.issue(
            person=people.find(external_id), return_to=given.return_to, source=key_of(request).name, at=at
        )
    except handover.NotAllowed as error:
        raise Problem(422, "return-not-allowed", str(error)) from error
    return HandOverOut(
        url=f"{settings.SITE_URL}/hand-over/{token}/",
        expires_at=at + handover.PERIOD,
        return_key=handover.return_key(token),
    )


def _question_out(question: acceptance.Question, person: Person, at: datetime) -> QuestionOut:
    number = question.version.number or 0
    query = f"?version={number}" if question.stage(at) is acceptance.Stage.UPCOMING else ""
    return QuestionOut(
        policy=question.policy.slug,
        version=number,
        correction=question.version.correction,
        title=question.version.text_in(question.policy.language).title,
        languages=[text.language for text in question.version.texts.all()],
        stage=question.stage(at),
        effective_at=question.effective_at,
        due_at=question.due_at,
        accepted_version=question.accepted.number if question.accepted else None,
        has_declined=question.has_declined,
        is_optional=question.policy.is_optional,
        manifest_sha256=question.version.manifest_sha256,
        answer_url=f"{settings.SITE_URL}/review/{question.policy.slug}/{query}",
        summary=versions.summary_out(question.version.summary_in(person.language)),
    )


def as_out(act: Act) -> ActOut:
    return ActOut(
        reference=act.subject_ref,
        answer=act.kind,
        policy=act.version.policy.slug,
        version=act.version.number or 0,
        correction=act.version.correction,
        language=act.language,
        text_sha256=act.text_sha256,
        at=act.at,
    )


def _refuse_reuse(render_id: str, given: ActIn, person: Person, version: Version) -> None:
    before = Act.objects.filter(render_id=render_id).first()
    if before is None:
        return
    is_theirs = ActSubject.objects.filter(subject_ref=before.subject_ref, person=person).exists()
    language = version.text_in(given.language).language
    asked = (given.answer, version.pk, language, given.text_sha256, given.wording, True)
    if (before.kind, before.version_id, before.language, before.text_sha256, before.wording, is_theirs) != asked:
        raise Problem(422, "idempotency-key-reused", "This Idempotency-Key was used for another answer.")
