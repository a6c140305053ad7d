"""Signing in as somebody bound by policies: a code by mail, for whoever has the address. The desk has its own door."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from policies import clock
from policies.acceptance.sessions import mailed_code
from policies.acceptance.sessions.person_session import PersonSession
from policies.look import in_use
from policies.models import Act, Person
from policies.models.fields import AddressInput
from policies.sign_in import known_browsers, networks
from policies.views.people import code_limits
from policies.views.people.signed_in import begin_for, next_address
from policies.views.shared import limits

ASKED_PER_MINUTE = 5


class AddressForm(forms.Form):
    address = AddressInput(label=_("E-mail address"))


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a code. The answer is the same for every address."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            address = form.cleaned_data["address"]
            if not _is_too_often(request, address):
                may_mail = code_limits.may_mail(request, address)
                mailed_code.ask(request.session, address=address, at=clock.now(), may_mail=may_mail)
                return redirect(_with_next(request, "policies:enter_code"))
            form.add_error(None, gettext("Too many requests in one minute. Wait a moment, then try again."))
            status = 429
    page = {"form": form, "next": next_address(request), "organization": in_use.organization()}
    return render(request, "account/sign_in.html", page, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Type the code. Where the mailbox holds several accounts, the next page asks which."""
    at = clock.now()
    try:
        address = mailed_code.asked_for(request.session, at=at)
        form = CodeForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            people = mailed_code.prove(request.session, code=form.cleaned_data["code"], at=at)
            if len(people) == 1:
                return _begin(request, people[0])
            return redirect(_with_next(request, "policies:which_account"))
    except mailed_code.WrongCode as error:
        left = ngettext("%(n)d try is left.", "%(n)d tries are left.", error.tries_left) % {"n": error.tries_left}
        form.add_error("code", gettext("This is not the code that was mailed.") + " " + left)
    except mailed_code.NothingAsked:
        return _again(request)
    page = {
        "form": form,
        "address": address,
        "minutes": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60,
        "organization": in_use.organization(),
        "next": next_address(request),
    }
    return render(request, "account/enter_code.html", page, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def which_account(request: HttpRequest) -> HttpResponse:
    """Choose among the accounts of a mailbox, after its code was right."""
    people = mailed_code.proved(request.session)
    if not people:
        return _again(request)
    chosen = request.POST.get("person")
    for person in people:
        if str(person.pk) == chosen:
            return _begin(request, person)
    page = {"people": people, "next": next_address(request), "organization": in_use.organization()}
    return render(request, "account/which_account.html", page)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session, whoever's it is."""
    logout(request)
    return redirect("policies:home")


def _again(request: HttpRequest) -> HttpResponse:
    messages.error(request, gettext("This code does not work any more. Ask for another."))
    return redirect(_with_next(request, "policies:sign_in"))


def _begin(request: HttpRequest, person: Person) -> HttpResponse:
    """A new session: nothing of who was here before stays, a user of the desk least of all."""
    following = next_address(request) or reverse("policies:account")
    request.session.flush()
    begin_for(request, PersonSession(person.pk, Act.Strength.CODE), person)
    rotate_token(request)
    response = redirect(following)
    known_browsers.remember(request, response, address=person.address)
    return response


def _is_too_often(request: HttpRequest, address: str) -> bool:
    minute = int(clock.now().timestamp()) // 60
    caller = known_browsers.bucket(request, address) or networks.caller(request)
    return limits.is_over("code", caller, per_minute=ASKED_PER_MINUTE, minute=minute)


def _with_next(request: HttpRequest, name: str) -> str:
    following = next_address(request)
    return reverse(name) + (f"?{urlencode({'next': following})}" if following else "")
