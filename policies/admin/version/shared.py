"""What the verbs and pages about a version share."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from policies import clock
from policies.admin.desk.base import may, user_of
from policies.admin.version import page as version_page
from policies.models import Version

if TYPE_CHECKING:
    VersionsAdmin = admin.ModelAdmin[Version]
else:
    VersionsAdmin = admin.ModelAdmin


def desk_of(request: HttpRequest, version: Version) -> version_page.VersionPage:
    """What every page about a version shows."""
    return version_page.build(version, at=clock.now(), may=lambda right: may(request, right), by=user_of(request))


def version_or_404(pk: int) -> Version:
    """The version with this key, with what its pages need."""
    return get_object_or_404(Version.objects.select_related("policy", "based_on"), pk=pk)
