"""The first thing every process does: read the environment."""

import logging
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection

from policysite.environment import reading

log = logging.getLogger(__name__)


def read_settings() -> None:
    """
    Read the settings. A missing or wrong one ends the process with one line for each instead of a traceback; names that
    are none of ours are told, and change nothing.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policysite.settings")
    try:
        settings.DATABASES  # noqa: B018 - whichever is asked for first reads them all
    except ImproperlyConfigured as error:
        sys.exit("\n".join(f"policysite cannot start: {line}" for line in str(error).splitlines()))
    _tell_unknown_names()


@cache
def _tell_unknown_names() -> None:
    """Once a process, however often the settings are read in it."""
    for line in reading.unknown(os.environ):
        print(f"policysite: {line}", file=sys.stderr)  # noqa: T201 - before anything of it is set up, logs included


def look_at_the_database() -> None:
    """End the process with one line where what it would do is not for this database (policies.checks)."""
    from policies import checks  # noqa: PLC0415 - models can be imported only after Django is set up

    try:
        why = checks.exposes_the_real()
    except OperationalError:
        sys.exit("policysite cannot start: the database does not answer. Check DATABASE_URL and start it.")
    finally:
        connection.close()
    if why:
        sys.exit(f"policysite cannot start: {why}")


def behind_the_front(application: Any) -> Any:
    """Put before the site what answers with the pages it kept, and count all requests where others count theirs."""
    from policies import clock  # noqa: PLC0415 - as above
    from policies.front import wsgi_front  # noqa: PLC0415
    from policies.operations import web_requests  # noqa: PLC0415

    try:
        web_requests.count_in(Path(settings.METRICS_FOLDER))
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = settings.METRICS_FOLDER
    except OSError as error:
        # Pages are served all the same; `manage.py doctor` says it, too.
        log.error(  # noqa: TRY400 - a state, and one line
            "METRICS_FOLDER (%s) cannot be written to (%s): each process counts its requests for itself.",
            settings.METRICS_FOLDER,
            error.strerror,
        )
    most_bytes = settings.PAGES_KEPT_MEGABYTES * 1024 * 1024
    return wsgi_front.Front(application, now=clock.now, most_bytes=most_bytes, count=web_requests.count_front)
