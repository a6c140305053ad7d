"""The other peer of bench/pages.py: the page everybody writes first, one row by its address and a template."""

import os

from django.conf import settings

if not settings.configured:
    import environ

    settings.configure(
        SECRET_KEY="a bench's",  # noqa: S106 - it signs nothing
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": 60}},
        INSTALLED_APPS=[],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        (
                            "django.template.loaders.locmem.Loader",
                            {"page.html": "<!doctype html><title>{{ row.slug }}</title><h1>{{ row.slug }}</h1>"},
                        )
                    ]
                },
            }
        ],
    )

from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path

application = get_wsgi_application()


class Policy(models.Model):
    """The same table as the site's, and the one column that is shown."""

    slug = models.SlugField()

    class Meta:
        app_label = "control"
        managed = False
        db_table = "policies_policy"


def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show it."""
    return render(request, "page.html", {"row": get_object_or_404(Policy, slug=slug)})


urlpatterns = [path("p/<slug:slug>/", page)]
