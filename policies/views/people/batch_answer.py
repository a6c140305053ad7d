"""Everything somebody has to answer: one question as a link to its page, several together on one screen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from policies import acceptance, clock, evidence
from policies.acceptance import Question, consent_screens
from policies.acceptance.sessions import person_session
from policies.look import in_use
from policies.models import Act, Person, Policy, Version, VersionText
from policies.templatetags.site import not_taken
from policies.views.people import consent_screen, gate_page, handover
from policies.views.people.consent_screen import Asked, Sources, Wording
from policies.views.people.question_context import QuestionContext, in_words
from policies.views.people.signed_in import account_of, circumstances_of, for_person, next_address

SCREEN = Sources(
    "review/batch_answer.html",
    (
        "review/_when.html",
        "review/_declined.html",
        "review/_change.html",
        "review/_text.html",
        "review/_use.html",
        "policies/_answers.html",
    ),
)
KINDS = {"accept": Act.Kind.AGREED, "decline": Act.Kind.DECLINED, "": Act.Kind.DISPLAYED}
# More than any site asks at once; a form with more was not made here.
MOST = 50


class Contradictory(acceptance.Refused):
    """Both boxes of one document were ticked."""

    code = "contradictory"

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        super().__init__(_("You ticked both boxes of the %(policy)s. Choose one.") % {"policy": policy})


@dataclass(frozen=True)
class BatchPage:
    """Several questions on one screen. `button` is what every statement quotes; optional consents stand apart."""

    asked: tuple[Asked, ...]
    optional: tuple[QuestionContext, ...]
    wards: tuple[Person, ...]
    button: str
    account: str
    next: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def questions(request: HttpRequest, person: Person, ward: int | None = None) -> HttpResponse:
    """Everything this person, or their ward, has to answer. GET records nothing; POST records what was ticked."""
    asked = person if ward is None else person.wards.filter(pk=ward).first()
    if asked is None:
        raise Http404(_("There is nobody for whom you answer at this address."))
    if request.method == "POST":
        return _record(request, asked, acted_by=person if ward else None)
    at = clock.now()
    outstanding = acceptance.outstanding(person=asked, at=at)
    if len(_required(outstanding)) > 1:
        return _page(request, asked, outstanding, at=at)
    return render(request, "review/questions.html", _list(request, asked, outstanding, at=at, is_ward=bool(ward)))


@require_safe
@for_person
def answered(request: HttpRequest, person: Person) -> HttpResponse:
    """What one screen recorded: a receipt for each answer, what stops, what is still open, and the way back."""
    at = clock.now()
    found = [
        receipt
        for reference in _references(request.GET.getlist("of"))
        for giver in (person, *person.wards.all())
        if (receipt := evidence.receipt_of(reference=reference, person=giver, at=at))
    ]
    if not found:
        return redirect("policies:questions")
    asked = found[0].person
    outstanding = {question.policy.pk: in_words(question, at) for question in _outstanding(asked, at)}
    answered_for = {receipt.act.version.policy_id for receipt in found}
    page = {
        "receipts": [(receipt, outstanding.get(receipt.act.version.policy_id)) for receipt in found],
        "open": [each for key, each in outstanding.items() if key not in answered_for and each.due],
        "optional": [each for key, each in outstanding.items() if key not in answered_for and not each.due],
        "is_ward": asked != person,
        "ward": asked,
        "kept": gate_page.kept_form(request),
        "next": next_address(request),
        "return_to": _back_to(request, [receipt.act for receipt in found]),
    }
    return render(request, "review/recorded.html", page)


def _record(request: HttpRequest, person: Person, *, acted_by: Person | None) -> HttpResponse:
    """Record what was ticked, all or nothing; what was left open was shown, and that is recorded with it."""
    at = clock.now()
    answers: list[acceptance.Answer] = []
    try:
        answers = list(_answers(request, person, at=at))
        is_later = request.POST.get("answer") == "later"
        if not is_later and all(answer.kind == Act.Kind.DISPLAYED for answer in answers):
            return _again(request, person, _("Tick at least one box: nothing is ticked for you."), status=422)
        how = circumstances_of(request, acted_by=acted_by, remark="guardian" if acted_by else "")
        acts = acceptance.answer_batch(person=person, answers=answers, how=how, at=at)
    except Contradictory as refusal:
        return _again(request, person, str(refusal), about=refusal.policy, status=422)
    except acceptance.Superseded as refusal:
        overtaken = next(a.version for a in answers if a.version.policy_id == refusal.current.policy_id)
        about = refusal.current.policy
        return _again(request, person, str(refusal), about=about, overtaken=overtaken, status=409)
    except acceptance.Refused as refusal:
        return _again(request, person, str(refusal), status=409)
    given = [("of", str(act.subject_ref)) for act in acts if act.kind != Act.Kind.DISPLAYED]
    following = next_address(request)
    if not given:
        return redirect(following or reverse("policies:questions"))
    query = [*given, ("next", following)] if following else given
    return redirect(f"{reverse('policies:answered')}?{urlencode(query)}")


def _answers(request: HttpRequest, person: Person, *, at: datetime) -> Iterable[acceptance.Answer]:
    """Read the form: each document brings its own token, fingerprint and boxes."""
    is_later = request.POST.get("answer") == "later"
    slugs = [name.removeprefix("screen-") for name in request.POST if name.startswith("screen-")][:MOST]
    policies = {slug: policy for slug in slugs if (policy := Policy.objects.at_address(slug))}
    # Every document is there, and none twice: under an address it had, and under the one it has.
    if not slugs or len(set(policies.values())) < len(slugs):
        raise acceptance.StaleScreen
    for slug, policy in policies.items():
        ticked = set() if is_later else set(request.POST.getlist(f"answer-{slug}"))
        if len(ticked) > 1 or not ticked <= set(KINDS):
            raise Contradictory(policy)
        given = ticked.pop() if ticked else ""
        screen = consent_screens.read_token(request.POST.get(f"screen-{slug}", ""), person=person)
        version = consent_screen.version_shown(policy, screen, request.POST.get(f"manifest-{slug}", ""))
        showing = consent_screen.showing(screen, given or "later", sources=SCREEN, labels=_labels(), at=at)
        yield acceptance.Answer(KINDS[given], version, showing)


def _back_to(request: HttpRequest, acts: Sequence[Act]) -> str:
    """The way back to the product; it is told "agreed" where all were agreed to."""
    is_agreed = all(act.kind == Act.Kind.AGREED for act in acts)
    return handover.back_to(request, said="agreed" if is_agreed else "declined", acts=acts)


def _again(
    request: HttpRequest,
    person: Person,
    error: str,
    *,
    about: Policy | None = None,
    overtaken: Version | None = None,
    status: int,
) -> HttpResponse:
    """
    The screen anew with what went wrong, and the way to its document, or else to the first; or the list, where fewer
    than two questions are left.
    """
    heading = _("None of your answers was recorded")
    at = clock.now()
    outstanding = acceptance.outstanding(person=person, at=at)
    required = _required(outstanding)
    if len(required) > 1:
        asked = [question.policy for question in required]
        place = f"accept-{(about if about in asked else asked[0]).slug}"
        wrong = not_taken(error, place, heading=heading)
        return _page(request, person, outstanding, overtaken=overtaken, wrong=wrong, status=status, at=at)
    page = {**_list(request, person, outstanding, at=at, is_ward=False), **not_taken(error, heading=heading)}
    return render(request, "review/questions.html", page, status=status)


def _page(
    request: HttpRequest,
    person: Person,
    outstanding: Sequence[Question],
    *,
    overtaken: Version | None = None,
    wrong: Mapping[str, object] = MappingProxyType({}),
    status: int = 200,
    at: datetime,
) -> HttpResponse:
    page = BatchPage(
        asked=tuple(_ask(request, question, person, overtaken, at) for question in _required(outstanding)),
        optional=tuple(in_words(question, at) for question in outstanding if question.policy.is_optional),
        wards=tuple(person.wards.all()),
        button=_("Send my answers"),
        account=account_of(person),
        next=next_address(request),
    )
    context = {"page": page, "organization": in_use.organization(), **wrong}
    return render(request, SCREEN.template, context, status=status)


def _ask(request: HttpRequest, question: Question, person: Person, overtaken: Version | None, at: datetime) -> Asked:
    text = consent_screen.text_for(request, question.version, person)
    is_this = overtaken is not None and overtaken.policy_id == question.policy.pk
    return consent_screen.ask(
        question,
        person=person,
        text=text,
        wording=_wording(text, question.version),
        screen_sha256=consent_screens.screen_sha256(SCREEN.files(), _labels()),
        overtaken=overtaken if is_this else None,
        at=at,
    )


def _list(
    request: HttpRequest, person: Person, outstanding: Sequence[Question], *, at: datetime, is_ward: bool
) -> dict[str, object]:
    following = next_address(request)
    wards = [] if is_ward else list(person.wards.all())
    return {
        "questions": [in_words(question, at) for question in outstanding],
        "ward": person if is_ward else None,
        "wards": [(ward, [in_words(question, at) for question in _outstanding(ward, at)]) for ward in wards],
        "last": evidence.latest_answer(person),
        "suffix": f"?{urlencode({'next': following})}" if following else "",
        "return_to": person_session.read(request.session).return_to,
        "account": account_of(person),
    }


def _outstanding(person: Person, at: datetime) -> tuple[Question, ...]:
    return acceptance.outstanding(person=person, at=at)


def _required(outstanding: Iterable[Question]) -> list[Question]:
    return [question for question in outstanding if not question.policy.is_optional]


def _references(given: Sequence[str]) -> list[UUID]:
    found = []
    for value in given[:MOST]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _wording(text: VersionText, version: Version) -> Wording:
    values = {"document": consent_screen.document(text, version), "button": _("Send my answers")}
    return Wording(
        document=values["document"],
        accept=_("I have read the %(document)s, and I agree to it.") % values,
        decline=_("I decline the %(document)s.") % values,
        later=_("Left open"),
        statement=_(
            "By ticking the first box and pressing “%(button)s” at the end of this page you agree to the %(document)s."
        )
        % values,
        tick=_("I have read the %(document)s, and I agree to it.") % values,
    )


def _labels() -> dict[str, str]:
    """The words on the screen in the language of the moment, as they are before a document's name is put in."""
    return {
        "language": consent_screen.locale(),
        "button": _("Send my answers"),
        "decline": _("I decline the %(document)s."),
        "later": _("Left open"),
        "statement": _(
            "By ticking the first box and pressing “%(button)s” at the end of this page you agree to the %(document)s."
        ),
        "tick": _("I have read the %(document)s, and I agree to it."),
    }
