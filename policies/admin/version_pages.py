"""What the verbs about a version share."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from policies import clock
from policies.admin import version_page
from policies.admin.base import may
from policies.admin.places import version_url
from policies.admin.verbs import Act, VerbPage, confirm
from policies.models import Version

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Version]
else:
    Base = object


class VersionPages(Base):
    """Mixed into the version's admin."""

    def desk(self, request: HttpRequest, version: Version) -> version_page.VersionPage:
        """What every page about a version shows."""
        return version_page.build(version, at=clock.now(), may=lambda right: may(request, right))

    def confirm_verb(self, request: HttpRequest, version: Version, page: VerbPage, act: Act) -> HttpResponse:
        """Show the page of a verb, or call it."""
        return confirm(request, page=page, of=self, obj=version, act=act, back=version_url(version))


def version_or_404(pk: int) -> Version:
    """The version with this key, with what its pages need."""
    return get_object_or_404(Version.objects.select_related("policy", "based_on"), pk=pk)
