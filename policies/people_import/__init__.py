"""
Who is bound: adding and changing people from a file, by your own key for them.

The whole file is checked first, and with one mistake in it nothing is written. Then it is written a thousand lines at a
time. Whoever is as the file says is left alone, so that a run that was cut short is simply run again.
"""

from policies.people_import.bringing_in import bring_in
from policies.people_import.cells import COLUMNS, Problem
from policies.people_import.checking import Report, check
from policies.people_import.file_reading import reading

__all__ = ["COLUMNS", "Problem", "Report", "bring_in", "check", "reading"]
