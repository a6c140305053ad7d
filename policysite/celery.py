"""
The doorbell (DESIGN rule 2): no message carries state, its argument is at most an id.

Losing, doubling or reordering messages changes nothing; the database is the queue, and the beat
schedule below rings often enough that a lost bell costs at most one sweep.
"""

import logging.config
import os

from celery import Celery
from celery.loaders.app import AppLoader
from celery.signals import setup_logging
from django.conf import settings

from policysite import starting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policysite.settings")


class Loader(AppLoader):
    """A missing setting ends Celery's command line with one line, too."""

    def config_from_object(self, obj: object, silent: bool = False) -> None:
        starting.read_settings()
        super().config_from_object(obj, silent)

    def on_worker_init(self) -> None:
        super().on_worker_init()
        starting.look_at_the_database()


app = Celery("policysite", loader="policysite.celery:Loader")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_as_the_product_does(**_: object) -> None:
    """Celery leaves alone what somebody else has set up; its own format would pass by what keeps addresses out."""
    logging.config.dictConfig(settings.LOGGING)
