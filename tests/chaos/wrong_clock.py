"""
A process whose wall clock somebody sets wrong while it runs, by libfaketime; its monotonic clock goes on.

The library comes with development requirements. Where it was not built for this machine, `preload()` is None.
"""

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

LIBRARY = "vendor/libfaketime/src/libfaketime.so.1"


def environment(file: Path) -> dict[str, str]:
    """Variables for a process that looks into `file` once a second: `+3d` sets its clock three days ahead."""
    library = preload()
    if library is None:
        return {}
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def set_to(file: Path, offset: str) -> None:
    """Let the clock jump to the true time and `offset`, such as `+3d`, `-3d` or `+0`."""
    draft = file.with_suffix(".new")
    draft.write_text(f"{offset}\n")
    draft.replace(file)


@cache
def preload() -> Path | None:
    """The library, if it does on this machine what it says."""
    package = find_spec("libfaketime")
    for place in (package and package.submodule_search_locations) or ():
        library = Path(place) / LIBRARY
        if library.exists() and _year(LD_PRELOAD=str(library), FAKETIME="-20y") < _year():
            return library
    return None


def _year(**settings: str) -> int:
    command = [sys.executable, "-c", "import datetime; print(datetime.date.today().year)"]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    return int(done.stdout or 9999)
