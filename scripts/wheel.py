"""
What hatchling does beside copying when it builds the wheel: it collects the static files with their manifest, and
writes down what the package is made of (scripts/bill_of_materials.py).

`python -m scripts.wheel` builds it into `dist/`, with the bill and the list of licenses beside it.
"""

import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parents[1]
BILL, LICENSES = "policysite.cdx.json", "licenses.md"


class Files(BuildHookInterface[Any]):
    """The files that are made, in a folder that lives as long as the build."""

    PLUGIN_NAME = "custom"
    folder = Path()

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        self.folder = Path(tempfile.mkdtemp(prefix="policysite-wheel-"))
        collect_static(self.folder / "staticfiles")
        write_bill(self.folder)
        build_data["force_include"] |= {
            str(self.folder / "staticfiles"): "policysite/_files/staticfiles",
            str(self.folder / LICENSES): f"policysite/_files/{LICENSES}",
        }
        # Where PEP 770 wants it: in the package's own metadata.
        build_data["sbom_files"].append(str(self.folder / BILL))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's signature
        if self.folder != Path():
            shutil.rmtree(self.folder)


def collect_static(folder: Path) -> None:
    """Put the hashed and packed copies of static files into a folder. The settings are for this one step."""
    settings = {
        "POLICYSITE_DEMO": "0",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "LEDGER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "SITE_URL": "http://localhost",
        "DATABASE_URL": "postgres://nobody@localhost/none",
        "CELERY_BROKER_URL": "none",
        "STATIC_ROOT": str(folder),
        "POLICYSITE_VAR": str(folder.parent),
    }
    run("manage", "collectstatic", "--no-input", "--verbosity", "0", **settings)


def write_bill(folder: Path) -> None:
    run("scripts.bill_of_materials", folder)


def run(*module: object, **settings: str) -> None:
    """Run a module of the checkout, with the Python and the packages that build."""
    command = [sys.executable, "-m", *map(str, module)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, check=True)


def main() -> int:
    folder = ROOT / "dist"
    folder.mkdir(exist_ok=True)
    run("hatchling", "build", "--target", "wheel", "--directory", folder)
    write_bill(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
