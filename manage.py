#!/usr/bin/env python3
"""Django's command line for policysite."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policysite.settings")
    # Imported here because the settings module has to be named first.
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        settings.DATABASES  # noqa: B018 - read the environment now, so that a wrong value is one line and not a traceback
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"policysite cannot start: {error}")
    except OperationalError as error:
        sys.exit(
            f"The database does not answer ({str(error).strip().splitlines()[0]}). Check DATABASE_URL and start it."
        )


if __name__ == "__main__":
    main()
