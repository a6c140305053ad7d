"""The deployment: settings, URLs, WSGI and Celery. It knows the app `policies`; never the reverse."""

from policysite.celery import app as celery_app

__all__ = ["celery_app"]
