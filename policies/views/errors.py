"""Error pages with the same headers and the same calm as every other page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Say that a form was too old or came from elsewhere; nothing has been recorded."""
    return render(request, "errors/csrf.html", status=403)
