"""
The doorbell (DESIGN rule 2): no message carries state, its argument is at most an id.

Losing, doubling or reordering messages changes nothing; the database is the queue, and the beat
schedule below rings often enough that a lost bell costs at most one sweep.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policysite.settings")

app = Celery("policysite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
