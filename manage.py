#!/usr/bin/env python3
"""Django's command line for policysite."""

import sys

from policysite.running import command

if __name__ == "__main__":
    command.manage(sys.argv)
