"""
The Chromium that tests and screenshots drive: `python -m scripts.chromium` installs one where none is found.
"""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

HELP = "No Chromium was found. This command installs it: .venv/bin/python -m scripts.chromium"


def find() -> str | None:
    """Where a Chromium is, the system's before the one that Playwright brought."""
    return next(filter(None, map(shutil.which, NAMES)), None) or _from_playwright()


def launch_arguments() -> list[str]:
    """What keeps Chromium from calling home, and lets it run as root, where its sandbox cannot."""
    quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync", "--disable-gpu", "--disable-dev-shm-usage"]
    return [*quiet, "--no-sandbox"] if os.geteuid() == 0 else quiet


def install() -> None:
    """Debian's package where that can be installed, otherwise Playwright's own build."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "--quiet"], check=True)
        subprocess.run(["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "chromium"], check=True)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def _from_playwright() -> str | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


def main() -> int:
    if find():
        return 0
    with suppress(subprocess.CalledProcessError):
        install()
    if not find():
        sys.stderr.write("Chromium could not be installed. On Debian, as root: apt-get install chromium\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
