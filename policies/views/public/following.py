"""Following by mail: the form, the confirmation, the end. Opening a link changes nothing; a button does."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from policies import clock, language_names, timeline
from policies.models import Follower, Policy
from policies.models.fields import AddressInput
from policies.notices import following
from policies.notices.returns.mail_addresses import Unusable, envelope, masked
from policies.sign_in import networks
from policies.views.shared import limits
from policies.views.shared.policy_urls import is_there, moved, path_to

ASKED_PER_MINUTE = 5


class FollowForm(forms.Form):
    address = AddressInput(label=_("Your e-mail address"))
    everything = forms.BooleanField(label=_("All policies of this site, not just this one"), required=False)

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        try:
            envelope(address)
        except Unusable as error:
            raise forms.ValidationError(gettext("No mail can be sent to this address.")) from error
        return address


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, slug: str, language: str = "") -> HttpResponseBase:
    """Ask to be told by mail when a policy changes. Nobody learns here who follows already."""
    its_timeline = _read(slug)
    policy = its_timeline.policy
    if elsewhere := moved(request, policy):
        return elsewhere
    if not is_there(language, its_timeline):
        raise Http404
    language = language or policy.language
    with language_names.speaking(language, policy.language):
        form = FollowForm(request.POST if request.method == "POST" else None)
        context: dict[str, Any] = {"policy": policy, "form": form, "path": path_to("policy", policy, language)}
        status = 410 if policy.retired_at else 200
        if request.method == "POST" and not policy.retired_at:
            status, context["is_asked"] = _ask(request, form, policy, language)
        return render(request, "following/follow.html", context, status=status)


def _ask(request: HttpRequest, form: FollowForm, policy: Policy, language: str) -> tuple[int, bool]:
    at = clock.now()
    minute = int(at.timestamp()) // 60
    if not form.is_valid():
        return 422, False
    if limits.is_over("follow", networks.caller(request), per_minute=ASKED_PER_MINUTE, minute=minute):
        form.add_error(None, gettext("Too many requests in one minute. Wait a moment, then try again."))
        return 429, False
    followed = None if form.cleaned_data["everything"] else policy
    try:
        following.ask(address=form.cleaned_data["address"], policy=followed, language=language, at=at)
    except OSError:
        form.add_error(None, gettext("Our mail server cannot be reached just now. Nothing was kept; try again later."))
        return 503, False
    return 200, True


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, signed: str) -> HttpResponse:
    """Confirm by a button: scanners that open every link of a mail confirm nothing."""
    try:
        follower = following.find(signed)
    except following.BadLink:
        return render(request, "following/unknown.html", status=404)
    with language_names.speaking(follower.language):
        if request.method == "POST":
            following.confirm(follower=follower, at=clock.now())
        context = {
            "policy": follower.policy,
            "address": masked(follower.address),
            "is_done": request.method == "POST" or follower.confirmed_at is not None,
            "stop_path": f"/follow/{follower.token}/",
        }
        return _private(render(request, "following/confirm.html", context))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """
    End one following. A mail program's one-click POST (RFC 8058) brings no cookie and no form token, only the link.
    """
    if request.method == "POST":
        following.stop(token=token)
        return _private(render(request, "following/stopped.html"))
    follower = Follower.objects.filter(token=token).select_related("policy").first()
    if follower is None:
        return _private(render(request, "following/stopped.html"))
    with language_names.speaking(follower.language):
        ended = following.ended_with(follower)
        stays = Follower.objects.filter(address=follower.address).exclude(pk__in=[each.pk for each in ended])
        context = {
            "address": masked(follower.address),
            "ended": [each.policy.title if each.policy else gettext("all policies") for each in ended],
            "stays": [each.policy.title for each in stays.select_related("policy") if each.policy],
        }
        return _private(render(request, "following/stop.html", context))


def _read(slug: str) -> timeline.Timeline:
    """What stands at an address that a policy has or had; only what can be read can be followed."""
    found = timeline.at_address(slug, at=clock.now())
    if found is None:
        raise Http404
    return found


def _private(response: HttpResponse) -> HttpResponse:
    """The address of these pages holds a token: no search engine keeps it, and SECURE_REFERRER_POLICY keeps it here."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response
