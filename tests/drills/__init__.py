"""
What an operator does once in a while and has to be able to rely on: deploy, restore, upgrade, change keys, restart.

`make test` runs the short ones; `make drill` all of them, at full measure.
"""

import os

import pytest

IS_WHOLE = os.environ.get("DRILL") == "whole"
# For what takes minutes.
whole = pytest.mark.skipif(not IS_WHOLE, reason="make drill runs it")
