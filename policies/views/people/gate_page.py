"""What somebody gets instead of the product while an answer is awaited."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from policies import acceptance, clock
from policies.acceptance import Question
from policies.views.people.signed_in import person_here

PROBLEM = "application/problem+json"
# A form that was held back is kept in the session and can be sent again after the answer.
KEPT = "policies.held_form"
LONGEST_FORM = 64_000


@dataclass(frozen=True)
class KeptForm:
    """What somebody was sending when the gate held it back."""

    address: str
    fields: list[tuple[str, str]]


def kept_form(request: HttpRequest) -> KeptForm | None:
    """The form that waits to be sent again, if any."""
    found = request.session.get(KEPT)
    return KeptForm(found["address"], [(name, value) for name, value in found["fields"]]) if found else None


def forget(request: HttpRequest) -> None:
    """Drop the kept form: it was sent."""
    if KEPT in request.session:
        del request.session[KEPT]


def respond(request: HttpRequest, policy_ids: Sequence[int]) -> HttpResponse:
    """Send a reader to the answer page, and tell a program where it is."""
    person = person_here(request)
    asked = acceptance.outstanding(person=person, at=clock.now()) if person else ()
    questions = [question for question in asked if question.policy.pk in policy_ids]
    response = _page(request, questions) if _opens_in_a_window(request) else _problem(questions)
    add_never_cache_headers(response)
    return response


def opens_a_page(request: HttpRequest) -> bool:
    """Whether a person is about to look at a page: no script, no form, no browser that fetches ahead."""
    is_ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    return request.method == "GET" and not is_ahead and _opens_in_a_window(request)


def _opens_in_a_window(request: HttpRequest) -> bool:
    """
    Whether a browser shows the answer as a page. Scripts, images and pieces of pages could do nothing with one.

    Browsers say so (Fetch metadata); of others, who asks for HTML by name does, or says nothing of what they take.
    """
    is_by_script = "X-Requested-With" in request.headers or "HX-Request" in request.headers
    if is_by_script or request.content_type == "application/json":
        return False
    if "Sec-Fetch-Dest" in request.headers:
        return request.headers["Sec-Fetch-Dest"] in {"document", "frame", "iframe"}
    names_it = "text/html" in request.headers.get("Accept", "text/html")
    return names_it and request.get_preferred_type(["text/html", "application/json", PROBLEM]) == "text/html"


def _page(request: HttpRequest, questions: list[Question]) -> HttpResponse:
    if request.method in {"GET", "HEAD"}:
        address = _address_of(questions) + "?" + urlencode({"next": request.get_full_path()})
        return redirect(address)
    is_kept = _keep(request)
    return render(request, "review/gate_page.html", {"questions": questions, "is_kept": is_kept}, status=403)


def _keep(request: HttpRequest) -> bool:
    """Keep a plain form in the session; files and what is too long are not kept, and the page says so."""
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    fields = [(name, str(value)) for name, value in fields if name != "csrfmiddlewaretoken"]
    if (
        request.method != "POST"
        or request.FILES
        or sum(len(name) + len(value) for name, value in fields) > LONGEST_FORM
    ):
        return False
    request.session[KEPT] = {"address": request.get_full_path(), "fields": fields}
    return True


def _problem(questions: list[Question]) -> HttpResponse:
    """RFC 9457, with the policies to answer, where, and since when their answer is due."""
    accept_at = settings.SITE_URL + _address_of(questions)
    body = {
        "type": f"{settings.SITE_URL}/problems/acceptance-required",
        "title": _("An answer is needed first."),
        "status": 403,
        "detail": _("New terms are in force and wait for this person’s answer."),
        "accept_url": accept_at,
        "policies": [
            {
                "policy": question.policy.slug,
                "version": question.version.number,
                "accept_url": settings.SITE_URL + reverse("policies:answer", args=[question.policy.slug]),
                "effective_at": question.effective_at.isoformat(),
                "due_at": question.due_at.isoformat() if question.due_at else None,
            }
            for question in questions
        ],
    }
    response = JsonResponse(body, status=403, content_type=PROBLEM)
    links = [f'<{settings.SITE_URL}/p/{question.policy.slug}/>; rel="terms-of-service"' for question in questions]
    response.headers["Link"] = ", ".join([*links, f'<{accept_at}>; rel="next"'])
    return response


def _address_of(questions: list[Question]) -> str:
    if len(questions) == 1:
        return reverse("policies:answer", args=[questions[0].policy.slug])
    return reverse("policies:questions")
