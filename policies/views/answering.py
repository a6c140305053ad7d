"""The answer page: what changed for you, the whole text, and accept, decline or decide later."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from policies import acceptance, clock, evidence, rendering
from policies.acceptance import screens
from policies.models import Act, Comparison, Person, Policy, Rendering, Version, VersionText
from policies.views.asking import Put, asked_about, put
from policies.views.signed_in import HANDED_OVER, circumstances_of, for_person, masked, next_address

TEMPLATE = "review/answer.html"
# What decides how the screen looks: kept with the acts done on it.
PARTS = (
    TEMPLATE,
    "review/_when.html",
    "review/_declined.html",
    "review/_answer_form.html",
    "review/_use.html",
    "policies/_answers.html",
)
STATIC = ("css/site.css", "css/redline.css", "css/answer.css", "js/answer.js")


@dataclass(frozen=True)
class Wording:
    """The words that make the act: named after the document and its version, and quoting the button."""

    document: str
    accept: str
    decline: str
    later: str
    statement: str
    tick: str


@dataclass(frozen=True)
class AnswerPage:
    """
    What the template shows; `summaries` are the versions since the one that `comparison` starts from, the newest first.

    `overtaken` is the version that somebody answered about too late.
    """

    question: Put
    summaries: tuple[Version, ...]
    text: VersionText
    rendering: Rendering
    comparison: Comparison | None
    wording: Wording
    account: str
    token: str
    overtaken: Version | None
    error: str
    next: str


@require_safe
@for_person
def questions(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything this person has to answer."""
    at = clock.now()
    page = {
        "questions": [put(question, at) for question in acceptance.outstanding(person=person, at=at)],
        "wards": [
            (ward, [put(question, at) for question in acceptance.outstanding(person=ward, at=at)])
            for ward in person.wards.all()
        ],
        "last": evidence.latest_answer(person),
        "suffix": _suffix(next_address(request)),
        "return_to": request.session.get(HANDED_OVER, {}).get("return_to", ""),
        "account": masked(person.address),
    }
    return render(request, "review/questions.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def answer(request: HttpRequest, person: Person, slug: str, ward: int | None = None) -> HttpResponse:
    """One question, of this person or of their ward: GET shows it and records nothing; POST records one answer."""
    policy = Policy.objects.filter(slug=slug).first()
    if policy is None:
        raise Http404(_("There is no policy at this address."))
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
        return _page(request, person, policy, error=_("Choose one of the answers below."), status=422)
    if given == "accept" and request.POST.get("agree") != "yes":
        return _page(request, person, policy, error=_("Tick the box first: it says what you agree to."), status=422)
    version = None
    try:
        shown = screens.read_token(request.POST.get("screen", ""), person=person)
        version = _version_shown(policy, shown, request.POST.get("manifest", ""))
        showing = _showing(shown, given, at)
        how = circumstances_of(request, acted_by=acted_by, remark="guardian" if acted_by else "")
        act = verb(person=person, version=version, showing=showing, how=how, at=at)
    except acceptance.AlreadyAgreed as refusal:
        return redirect(_receipt(refusal.act) if refusal.act else reverse("policies:account"))
    except acceptance.Refused as refusal:
        overtaken = version if isinstance(refusal, acceptance.Superseded) else None
        return _page(request, person, policy, overtaken=overtaken, error=str(refusal), status=409)
    return redirect(_after(act, next_address(request)))


def _version_shown(policy: Policy, shown: screens.Shown, manifest_sha256: str) -> Version:
    """The version the form was about, where its hidden fields and its signed token say the same."""
    version = policy.versions.filter(pk=shown.version_id).first()
    if version is None or not manifest_sha256 == shown.manifest_sha256 == version.manifest_sha256:
        raise acceptance.StaleScreen
    return version


def _showing(shown: screens.Shown, given: str, at: datetime) -> acceptance.Showing:
    """What was on the screen, with the screen itself put on the record."""
    screen = screens.keep_screen(template=TEMPLATE, sources=_sources(), wording=_labels(), at=at)
    if screen.sha256 != shown.screen_sha256:  # the site was updated between showing and sending
        raise acceptance.StaleScreen
    return screens.showing_of(shown, answer=given, screen=screen)


def _after(act: Act, following: str) -> str:
    if act.kind == Act.Kind.DISPLAYED:
        return following or reverse("policies:questions")
    return _receipt(act) + _suffix(following)


def _page(
    request: HttpRequest,
    person: Person,
    policy: Policy,
    *,
    overtaken: Version | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    at = clock.now()
    question = asked_about(policy=policy, person=person, at=at)
    if question is None:
        answered = {"policy": policy, "last": evidence.latest_answer(person, policy), "error": error}
        return render(request, "review/answered.html", answered, status=status)
    language = get_language() or settings.LANGUAGE_CODE
    text = question.version.text_in(language)
    before = overtaken or question.accepted or (question.version.based_on if question.rests_on_use else None)
    wording = _wording(text, question.version)
    shown = screens.show(
        version=question.version,
        person=person,
        language=text.language,
        compared_with=before,
        screen_sha256=screens.screen_sha256(_sources(), _labels()),
        wordings={
            "accept": f"{wording.statement} {wording.tick}",
            "decline": wording.decline,
            "later": wording.later,
        },
        locale=language,
        at=at,
    )
    page = AnswerPage(
        question=put(question, at),
        summaries=_versions_since(before, question.version),
        text=text,
        rendering=rendering.rendering_of(text),
        comparison=rendering.comparison_of(before.text_in(text.language), text) if before else None,
        wording=wording,
        account=masked(person.address) or str(person),
        token=screens.token_of(shown),
        overtaken=overtaken,
        error=error,
        next=next_address(request),
    )
    return render(request, TEMPLATE, {"page": page, "organization": settings.ORGANIZATION}, status=status)


def _versions_since(before: Version | None, version: Version) -> tuple[Version, ...]:
    """The versions whose changes the redline shows together; each has its own four answers."""
    standing = version.policy.versions.standing().filter(
        number__lte=version.number, number__gt=before.number if before else 0
    )
    return tuple(standing) if before else (version,)


def _wording(text: VersionText, version: Version) -> Wording:
    document = _("%(title)s, version %(number)d") % {"title": text.title, "number": version.number}
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
        "language": get_language() or settings.LANGUAGE_CODE,
        "accept": _("Accept %(document)s"),
        "decline": _("Decline %(document)s"),
        "later": _("Decide later"),
        "statement": _("By ticking the box and pressing “%(accept)s” you agree to the %(document)s."),
        "tick": _("I have read the %(document)s, and I agree to it."),
    }


@cache
def _sources() -> tuple[tuple[str, str], ...]:
    """The files that make the screen, by name and content."""
    templates = [(name, get_template(name).template.source) for name in PARTS]  # type: ignore[attr-defined]
    static = [(name, Path(str(finders.find(name))).read_text()) for name in STATIC]
    return (*templates, *static)


def _receipt(act: Act) -> str:
    return reverse("policies:receipt", args=[act.subject_ref])


def _suffix(following: str) -> str:
    return f"?{urlencode({'next': following})}" if following else ""
