"""Where a product's link lands: a page with one button. Only the button starts a session."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from policies import clock
from policies.acceptance import handover
from policies.models import Person
from policies.views.people.signed_in import HANDED_OVER, account_of


@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows whom the link is for; POST uses it up and starts a session for answering."""
    at = clock.now()
    try:
        handed = handover.use(token, at=at) if request.method == "POST" else handover.read(token, at=at)
    except handover.LinkSpent:
        return _private(render(request, "review/link_spent.html", status=410))
    person = Person.objects.filter(pk=handed.person_id, erased_at=None).first()
    if person is None:
        return _private(render(request, "review/link_spent.html", status=410))
    if request.method != "POST":
        return _private(render(request, "review/hand_over.html", {"account": account_of(person)}))
    request.session.flush()
    request.session[HANDED_OVER] = {"person": person.pk, "source": handed.source, "return_to": handed.return_to}
    request.session.set_expiry(30 * 60)
    return _private(redirect("policies:questions"))


def _private(response: HttpResponse) -> HttpResponse:
    """The address holds a token: it goes into no cache, and by SECURE_REFERRER_POLICY into no other site's log."""
    add_never_cache_headers(response)
    return response
