"""A page for each kind of problem: the `type` in an answer is an address that says what to do (RFC 9457, 3.1.1)."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from policies.views.programs.api.kinds_of_problem import KINDS
from policies.views.shared import responses
from policies.views.shared.origins import open_to_all


@open_to_all
@require_safe
def all_kinds(request: HttpRequest) -> HttpResponseBase:
    """Every kind of problem."""
    return responses.page(request, "policies/problems.html", {"kinds": KINDS})


@open_to_all
@require_safe
def one_kind(request: HttpRequest, code: str) -> HttpResponseBase:
    """What one kind means, and what to do."""
    if code not in KINDS:
        raise Http404
    return responses.page(request, "policies/problem.html", {"code": code, "kind": KINDS[code]})
