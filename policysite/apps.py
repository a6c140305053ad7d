"""The desk takes the place of Django's own admin site, and every process of Django's knows where to ring."""

from django.contrib.admin.apps import AdminConfig

from policysite import celery

__all__ = ["DeskConfig", "celery"]


class DeskConfig(AdminConfig):
    default_site = "policysite.desk.Desk"
