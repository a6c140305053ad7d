"""Where everything hangs. markdownx's own URLs are never included: they take uploads and preview for anybody."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("sign-in/", include("allauth.account.urls")),
    path("", include("policies.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("policies.demo.urls")))
