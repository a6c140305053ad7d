"""The first thing every process does: read the environment."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def read_settings() -> None:
    """Read the settings. A missing or wrong one ends the process with one line instead of a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policysite.settings")
    try:
        settings.DATABASES  # noqa: B018 - whichever is asked for first reads them all
    except ImproperlyConfigured as error:
        sys.exit(f"policysite cannot start: {error}")
