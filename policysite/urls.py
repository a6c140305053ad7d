"""Where everything hangs. markdownx's own URLs are never included: they take uploads and preview for anybody."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from policies.views.operators import live_preview
from policies.views.programs.api import api
from policysite import provider_reports

urlpatterns = [
    path("admin/preview/", live_preview.preview, name="markdownx_markdownify"),
    path("admin/upload/", live_preview.no_upload, name="markdownx_upload"),
    path("admin/", admin.site.urls),
    path("sign-in/", include("policysite.sign_in_urls")),
    path("api/v1/", api.urls),
    path("", include("policies.urls")),
]
handler400 = "policies.views.shared.errors.bad_request"
handler403 = "policies.views.shared.errors.permission_denied"
handler404 = "policies.views.shared.errors.not_found"
handler500 = "policies.views.shared.errors.server_error"
if settings.MAIL_REPORTS:
    urlpatterns.append(path("anymail/", include((provider_reports.urls(settings.MAIL_REPORTS), "anymail"))))
if settings.DEMO:
    urlpatterns.append(path("demo/", include("policies.demo.urls")))
