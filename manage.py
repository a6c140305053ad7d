#!/usr/bin/env python3
"""Django's command line for policysite."""

import sys


def main() -> None:
    # Imported here because the settings have to be read first.
    from policysite import starting

    starting.read_settings()
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        sys.exit(
            f"The database does not answer ({str(error).strip().splitlines()[0]}). Check DATABASE_URL and start it."
        )


if __name__ == "__main__":
    main()
