"""The prominent notice of signed-in people: as a piece for pages that are alike for all, and putting it away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from policies import clock
from policies.models import NoticeSeen, Person, Version
from policies.notices.on_site import prominent_notice
from policies.views.people.signed_in import for_person, next_address, person_here
from policies.views.shared import banner


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the reader is to be shown, as a piece of a page; nothing for a visitor."""
    shown = for_reader(request)
    if not shown:
        return HttpResponse(status=204)
    return render(request, "notices/_prominent.html", {"prominent": shown, "next": "/"})


@require_POST
@for_person
def noted(request: HttpRequest, person: Person, pk: int) -> HttpResponse:
    """Put one notice away."""
    version = get_object_or_404(prominent_notice.announced_to(person, at=clock.now()), pk=pk)
    prominent_notice.put_away(version, by=person, at=clock.now())
    return redirect(next_address(request) or "policies:account")


def for_reader(request: HttpRequest) -> tuple[prominent_notice.Prominent, ...]:
    """The notices of the signed-in person, whose first sight is kept; none for anybody else."""
    person = person_here(request)
    if person is None:
        return ()
    at = clock.now()
    shown = banner.banner_of(person, at=at)
    versions = [each.version for each in shown]
    seen = set(NoticeSeen.objects.filter(person=person, version__in=versions).values_list("version_id", flat=True))
    unseen: list[Version] = [version for version in versions if version.pk not in seen]
    if unseen:
        prominent_notice.shown(unseen, to=person, place=NoticeSeen.Place.SITE, at=at)
    return shown
