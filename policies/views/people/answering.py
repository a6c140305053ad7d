"""The answer page: what changed for you, the whole text, and accept, decline or decide later."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from policies import acceptance, clock, evidence
from policies.acceptance import consent_screens
from policies.look import in_use
from policies.models import Act, Person, Policy, Version, VersionText
from policies.templatetags.site import not_taken
from policies.views.people import consent_screen, handover
from policies.views.people.consent_screen import Asked, Sources, Wording
from policies.views.people.question_context import QuestionContext, asked_about, in_words
from policies.views.people.signed_in import account_of, circumstances_of, for_person, next_address
from policies.views.shared.policy_urls import moved

SCREEN = Sources(
    "review/answer.html",
    (
        "review/_when.html",
        "review/_beside.html",
        "review/_declined.html",
        "review/_change.html",
        "review/_text.html",
        "review/_answer_form.html",
        "review/_use.html",
        "policies/_answers.html",
    ),
)


# Where the way from what is wrong leads (`_answer_form.html`).
FORM, BOX = "your-answer", "agree"
# What a product is told of each button.
SAID = {"accept": "agreed", "decline": "declined", "later": "later"}


@dataclass(frozen=True)
class AnswerPage:
    """
    What the template shows around the question.

    `beside`: the other version of this policy that can be answered, what binds today or what is announced.
    """

    asked: Asked
    beside: QuestionContext | None
    account: str
    next: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def answer(request: HttpRequest, person: Person, slug: str, ward: int | None = None) -> HttpResponse:
    """One question, of this person or of their ward: GET shows it and records nothing; POST records one answer."""
    policy = Policy.objects.at_address(slug)
    if policy is None:
        raise Http404(_("There is no policy at this address."))
    if elsewhere := moved(request, policy):
        return elsewhere
    asked = person if ward is None else person.wards.filter(pk=ward).first()
    if asked is None:
        raise Http404(_("There is nobody for whom you answer at this address."))
    if request.method == "POST":
        return _record(request, asked, policy, acted_by=person if ward else None)
    return _page(request, asked, policy)


def _record(request: HttpRequest, person: Person, policy: Policy, *, acted_by: Person | None) -> HttpResponse:
    """Record what the pressed button says. An answer that was overtaken is not recorded: the page shows what is new."""
    at = clock.now()
    given = request.POST.get("answer", "")
    verb = {"accept": acceptance.accept, "decline": acceptance.decline, "later": acceptance.note_displayed}.get(given)
    if verb is None:
        return _page(request, person, policy, error=_("Choose one of the answers below."), at_field=FORM, status=422)
    if given == "accept" and request.POST.get("agree") != "yes":
        words = _("Tick the box first: it says what you agree to.")
        return _page(request, person, policy, error=words, at_field=BOX, status=422)
    version = None
    try:
        screen = consent_screens.read_token(request.POST.get("screen", ""), person=person)
        version = consent_screen.version_shown(policy, screen, request.POST.get("manifest", ""))
        showing = consent_screen.showing(screen, given, sources=SCREEN, labels=_labels(), at=at)
        how = circumstances_of(request, acted_by=acted_by, remark="guardian" if acted_by else "")
        act = verb(person=person, version=version, showing=showing, how=how, at=at)
    except acceptance.AlreadyAgreed as refusal:
        if refusal.is_decline:
            messages.error(request, str(refusal))
        return redirect(_receipt(refusal.act) if refusal.act else reverse("policies:account"))
    except acceptance.Refused as refusal:
        overtaken = version if isinstance(refusal, acceptance.Superseded) else None
        return _page(request, person, policy, overtaken=overtaken, error=str(refusal), status=409)
    following = next_address(request)
    leaving = "" if following else handover.leave_for(request, said=SAID[given], act=act)
    return redirect(leaving or _after(act, following))


def _after(act: Act, following: str) -> str:
    if act.kind == Act.Kind.DISPLAYED:
        return following or reverse("policies:questions")
    return _receipt(act) + (f"?{urlencode({'next': following})}" if following else "")


def _page(
    request: HttpRequest,
    person: Person,
    policy: Policy,
    *,
    overtaken: Version | None = None,
    error: str = "",
    at_field: str = "",
    status: int = 200,
) -> HttpResponse:
    at = clock.now()
    heading = _("Your answer was not recorded")
    question = asked_about(policy=policy, person=person, at=at)
    beside = question.following if question else None
    if question and beside and request.GET.get("version") == str(beside.version.number):
        question, beside = beside, question
    if question is None:
        answered = {"policy": policy, "last": evidence.latest_answer(person, policy)} | not_taken(
            error, heading=heading
        )
        return render(request, "review/answered.html", answered, status=status)
    text = consent_screen.text_for(request, question.version, person)
    asked = consent_screen.ask(
        question,
        person=person,
        text=text,
        wording=_wording(text, question.version),
        screen_sha256=consent_screens.screen_sha256(SCREEN.files(), _labels()),
        overtaken=overtaken,
        at=at,
    )
    other = in_words(beside, at) if beside else None
    page = AnswerPage(asked, other, account_of(person), next_address(request))
    context = {"page": page, "organization": in_use.organization(), "must_tick": error if at_field == BOX else ""}
    context |= not_taken(error, at_field, heading=heading)
    return render(request, SCREEN.template, context, status=status)


def _wording(text: VersionText, version: Version) -> Wording:
    document = consent_screen.document(text, version)
    values = {"document": document, "accept": _("Accept %(document)s") % {"document": document}}
    return Wording(
        document=document,
        accept=values["accept"],
        decline=_("Decline %(document)s") % values,
        later=_("Decide later"),
        statement=_("By ticking the box and pressing “%(accept)s” you agree to the %(document)s.") % values,
        tick=_("I have read the %(document)s, and I agree to it.") % values,
    )


def _labels() -> dict[str, str]:
    """The words on the screen in the language of the moment, as they are before a document's name is put in."""
    return {
        "language": consent_screen.locale(),
        "accept": _("Accept %(document)s"),
        "decline": _("Decline %(document)s"),
        "later": _("Decide later"),
        "statement": _("By ticking the box and pressing “%(accept)s” you agree to the %(document)s."),
        "tick": _("I have read the %(document)s, and I agree to it."),
    }


def _receipt(act: Act) -> str:
    return reverse("policies:receipt", args=[act.subject_ref])
