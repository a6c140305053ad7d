"""An id, the caller's address and headers for every page, and the gate before what waits for an answer."""

import ipaddress
import json
import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import add_never_cache_headers, has_vary_header, patch_vary_headers
from structlog.contextvars import bind_contextvars, clear_contextvars

from policies import clock, rendering
from policies.acceptance.gate import PUT_OFF, Gate
from policies.acceptance.sessions import person_session
from policies.front.keeping import BY_ADDRESS, BY_READER, spoken_by
from policies.operations import web_requests
from policies.text import bounded
from policies.views.people import gate_page
from policies.views.programs.api import problems
from policies.views.shared import errors, origins

Handler = Callable[[HttpRequest], HttpResponse]

access_log = logging.getLogger("policies.access")
REQUEST_ID_HEADER = "X-Request-ID"
KNOWN_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
ODD, ODD_ESCAPE = re.compile("[\0\ud800-\udfff]"), re.compile(rb"\\u(0000|[dD][89a-fA-F])")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PROGRAMS = ("/api/", "/anymail/")
# Bytes: the largest file that the desk takes, and the form around it.
MOST_POSTED = 6 * 1024 * 1024
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class RequestId:
    """Give each request an id, or keep the one a proxy gave it: every line that is logged meanwhile has it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(REQUEST_ID_HEADER, "")
        request_id = given if KNOWN_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        # Bound till the next request of this thread: Django logs what it answered after all middleware.
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response.headers[REQUEST_ID_HEADER] = request_id
        return response


class Answered:
    """
    Count each request by the view that answered it, and write its line into the access log.

    The line has no address, path or query: paths carry rights, and who read what is nobody's business.
    """

    # Asked all day by machines: of those that went well there are no lines.
    MACHINES = frozenset({"policies:health", "policies:notices_health", "policies:health_of_all", "policies:metrics"})

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        view, status = web_requests.view_of(request), response.status_code
        web_requests.count(view=view, status=status, seconds=seconds, at=clock.now())
        if settings.ACCESS_LOG and not (view in self.MACHINES and status < 400):
            method = request.method if request.method in METHODS else "other"
            size = None if response.streaming else len(response.content)
            said = {"method": method, "view": view, "status": status, "bytes": size, "ms": round(seconds * 1000, 1)}
            access_log.info("%s %s %d, %s bytes, %.1f ms", *said.values(), extra=said)
        return response


class ClientAddress:
    """
    Who calls, where a proxy stands in front: from here on everybody finds it in REMOTE_ADDR, and asks no header.

    Each of TRUSTED_PROXIES adds at the end of X-Forwarded-For by whom it was called; what stands before was written by
    the caller. A request with fewer entries did not come through all of them: its own address counts.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        named = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        trusted = settings.TRUSTED_PROXIES
        if trusted and len(named) >= trusted and (address := _address_in(named[-trusted])):
            request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


def _address_in(entry: str) -> str:
    """The address that one entry names, without the port that some proxies add; empty where it names none."""
    bare = entry.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return ""


class SecurityHeaders:
    """
    Say what Django's own middleware does not: no device access, no embedding of our resources elsewhere, and that what
    depends on who asks is kept nowhere.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if has_vary_header(response, "Cookie") and "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
        return response


class OtherOrigins:
    """Let pages of other origins read what is public and needs no key, and answer what their browsers ask before."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if origins.methods_open(request):
            origins.let_read(response)
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],  # noqa: ARG002 - Django's signature
        args: tuple[object, ...],  # noqa: ARG002
        kwargs: dict[str, object],  # noqa: ARG002
    ) -> HttpResponse | None:
        methods = origins.methods_open(request) if request.method == "OPTIONS" else ()
        return origins.preflight(methods) if methods else None


class WhatIsTaken:
    """
    Turn away, before anything of it is read, what no page takes.

    Methods that nobody uses here (TRACE among them); bodies larger than any file that the desk takes; and calls of
    programs without TLS, which are not sent on to it: their key was in the clear, and whoever sent it has to learn so.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_program = request.path_info.startswith(PROGRAMS)
        if request.method not in METHODS:
            return problems.respond(problems.of_status(405)) if is_program else HttpResponseNotAllowed(METHODS)
        if is_program and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return problems.respond(
                problems.Problem(403, "tls-needed", "Call https:// alone, and change the key you sent.")
            )
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or len(length) > 12 or int(length) > MOST_POSTED:
            return problems.respond(problems.of_status(413)) if is_program else errors.plain(request, 413)
        return self.get_response(request)


class Locale(LocaleMiddleware):
    """
    The language of whoever reads, but for pages that speak the one of their address: those vary with nobody.

    Only what has words for readers says so: pages. What programs read is the same for everybody, as is a redirect.

    The desk speaks English, whatever a browser asks for: the texts shown inside it keep their own languages.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.path_info.startswith("/admin/"):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        speaks = spoken_by(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        has_words = is_page and not 300 <= response.status_code < 400 and speaks != BY_ADDRESS
        return super().process_response(request, response) if has_words or speaks == BY_READER else response


def limits_of_texts() -> bounded.Limits:
    """What work on large texts, and on what comes from elsewhere, may take."""
    return bounded.Limits(
        processes=settings.TEXT_PROCESSES,
        waiting=settings.TEXT_WAITING,
        seconds=settings.TEXT_SECONDS,
        megabytes=settings.TEXT_MEGABYTES,
    )


class LargeTexts:
    """Let limits hold for work on large texts during a request; where it was stopped, say so."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with bounded.within(limits_of_texts()):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Most pages say it themselves, beside what somebody typed; this is for all others."""
        return errors.stopped(request, exception) if isinstance(exception, bounded.Stopped) else None


class AsPublished:
    """Where what is stored is not what was published, say that it cannot be shown: nobody gets to read it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return errors.not_as_published(request) if isinstance(exception, rendering.NotAsPublished) else None


class ApiProblems:
    """
    Programs get a problem (RFC 9457) for whatever goes wrong, and never a page: below /api/, and wherever they say that
    they take JSON. Outermost, so that it holds for what other middleware turns away, too.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.status_code < 400 or not is_page:
            return response
        patch_vary_headers(response, ["Accept"])
        if not problems.wants_json(request):
            return response
        problem = problems.respond(problems.of_status(response.status_code))
        # In its place, since others put their headers on it.
        response.content = problem.content
        for name in ("Content-Length", "Content-Language", "ETag"):
            response.headers.pop(name, None)
        for name in {"Content-Type", "WWW-Authenticate", "Retry-After"} & set(problem.headers):
            response.headers[name] = problem.headers[name]
        return response


class OddInput:
    """
    Turn away what no text of ours can hold, before it gets to a database: NUL, and halves of characters (surrogates).

    Wherever it stands: in an address, a query, a cookie, a field or a call of the API. Forms of the desk look at their
    fields themselves, and say in which line it stands: what an editor typed is kept.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        pairs = (*request.GET.lists(), *request.COOKIES.items())
        return self._refuse(request) if _is_odd([request.path_info, pairs]) else self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],  # noqa: ARG002 - Django's signature
        args: tuple[object, ...],  # noqa: ARG002
        kwargs: dict[str, object],  # noqa: ARG002
    ) -> HttpResponse | None:
        """What is posted is read here and not before: a body that is too large is answered as everywhere."""
        if request.path_info.startswith("/admin/"):
            return None
        is_json = request.content_type == "application/json"
        posted = _json(request.body) if is_json else list(request.POST.lists())
        return self._refuse(request) if _is_odd(posted) else None

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            return problems.respond(
                problems.Problem(400, "malformed", "The request holds NUL or half a character (a surrogate).")
            )
        return errors.plain(request, 400)


def _json(body: bytes) -> object:
    """What JSON says, where it may hold something odd: both can only be written as escapes there."""
    try:
        return json.loads(body) if ODD_ESCAPE.search(body) else None
    except (ValueError, RecursionError):
        return None  # whoever reads it says so


def _is_odd(given: object) -> bool:
    if isinstance(given, str):
        return bool(ODD.search(given))
    if isinstance(given, dict):
        return _is_odd(list(given.items()))
    return isinstance(given, list | tuple) and any(map(_is_odd, given))


class AcceptanceGate:
    """
    Hold back what ACCEPTANCE_GATE_PATHS name until a signed-in person has answered what is in force.

    During the days of grace it asks once a session, before the first page, and lets through whoever decides later.
    Every method and every kind of request is held; reading, exporting, leaving and signing out lie outside the paths.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.gate = Gate()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],  # noqa: ARG002 - Django's signature
        args: tuple[object, ...],  # noqa: ARG002
        kwargs: dict[str, object],  # noqa: ARG002
    ) -> HttpResponse | None:
        """Here and not before: a form that comes from elsewhere was turned away already, so none is kept."""
        if not request.path_info.startswith(settings.ACCEPTANCE_GATE_PATHS):
            return None
        user_id = request.session.get(SESSION_KEY)
        here = person_session.read(request.session)
        if user_id is None and here == person_session.NOBODY:
            return None
        person_id = None if user_id else here.person_id
        look = self.gate.look(session=request.session, at=clock.now(), user_id=int(user_id or 0), person_id=person_id)
        if look.blocking:
            return gate_page.respond(request, look.blocking)
        if look.asking and gate_page.opens_a_page(request):
            # Once a session: whoever decides later is let through from now on.
            request.session[PUT_OFF] = list(look.put_off)
            return gate_page.respond(request, look.asking)
        if request.method == "POST":
            gate_page.forget(request)
        return None
