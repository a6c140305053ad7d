"""
Build the image of `Dockerfile` where there is no registry: `python -m scripts.image [--base NAME]`.

buildah does it as root, in a chroot, with a store of its own in `var/image/`. Without `--base` the base is made there
first, by mmdebstrap, of Debian's own packages: Python, venv and certificates. On Debian both programs come by
`apt-get install --no-install-recommends buildah mmdebstrap`.
"""

import argparse
import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "var" / "image"
SUITE = "bookworm"
PACKAGES = ("python3", "python3-venv", "ca-certificates")
BASE, NAME = f"localhost/debian-python:{SUITE}", "localhost/policysite:latest"
# What runs in a chroot as an orchestrator would: nothing can be written but what is mounted, by nobody special.
INSIDE = """
set -e
root=$1 var=$2 user=$3; shift 3
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$var" "$root/srv/policysite-var"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all "$@"
"""


def missing() -> str:
    """Why no image can be built here; empty where one can."""
    if os.geteuid():
        return "Only root builds in a chroot."
    without = [name for name in ("buildah", "mmdebstrap") if not shutil.which(name)]
    return f"apt-get install --no-install-recommends {' '.join(without)}" if without else ""


@dataclass
class Store:
    """Where buildah keeps images and containers."""

    folder: Path = FOLDER

    def buildah(self, *arguments: object, log: Path | None = None) -> str:
        """
        Run one of buildah's commands; returns what it printed.

        :raises subprocess.CalledProcessError: if it fails
        """
        command = self.command(*arguments)
        if log:
            with log.open("w") as output:
                subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=True)
            return ""
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    def command(self, *arguments: object) -> list[str]:
        options = ["--root", self.folder / "storage", "--runroot", self.folder / "run"]
        return ["buildah", *map(str, options), *map(str, arguments)]

    def has(self, name: str) -> bool:
        return bool(self.buildah("images", "--quiet", "--filter", f"reference={name}"))

    def make_base(self) -> None:
        """Nothing of a registry: what `debootstrap` would make, with Python."""
        self.folder.mkdir(parents=True, exist_ok=True)
        archive = self.folder / "base.tar"
        if not archive.exists():
            new = archive.with_suffix(".new.tar")
            included = f"--include={','.join(PACKAGES)}"
            subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", included, SUITE, str(new)], check=True)
            new.rename(archive)
        container = self.buildah("from", "scratch")
        self.buildah("add", "--quiet", container, archive, "/")
        self.buildah("commit", "--quiet", "--rm", container, BASE)

    def build(self, *, base: str, log: Path | None = None) -> "Image":
        """Every step of `Dockerfile` on this base; what did not change since is kept."""
        how = ["--layers", "--isolation", "chroot", "--network", "host", "--build-arg", f"BASE={base}", *self.mounts()]
        self.buildah("bud", *how, "--tag", NAME, ROOT, log=log)
        return Image(self)

    def mounts(self) -> list[str]:
        """Let pip go by what it goes by on this machine: its settings as one file, and what they name of files."""
        said = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
        ).stdout
        found = dict(re.findall(r"^(?:global|user|site|:env:)\.([\w-]+)='(.*)'$", said, re.MULTILINE))
        file = configparser.ConfigParser(interpolation=None)
        file["global"] = {name: value.replace(r"\n", "\n\t") for name, value in found.items()}
        settings = self.folder / "pip.conf"
        with settings.open("w") as written:
            file.write(written)
        named = {Path(name) for value in found.values() for name in re.findall(r"(?:^|//|\s|n)(/[\w/.+-]+)", value)}
        tops = {path.parent if path.name == "simple" else path for path in named if path.exists()}
        return [f"--volume={settings}:/etc/pip.conf:ro", *(f"--volume={path}:{path}:ro" for path in sorted(tops))]


@dataclass
class Image:
    store: Store
    container: str = field(default="", init=False)

    @cached_property
    def configuration(self) -> dict[str, Any]:
        """What the image says of itself: Cmd, Env, User, WorkingDir ..."""
        said: dict[str, Any] = json.loads(self.store.buildah("inspect", "--type", "image", NAME))
        configuration: dict[str, Any] = said["OCIv1"]["config"]
        return configuration

    @cached_property
    def root(self) -> Path:
        """Its files, in a container that `remove` takes away."""
        self.container = self.store.buildah("from", NAME)
        return Path(self.store.buildah("mount", self.container))

    def command(self, command: Sequence[object], *, var: Path, settings: Mapping[str, str]) -> list[str]:
        """
        What runs something in it, as its own user, with nothing but `/tmp` and `var` to write to, and no privilege.

        It is one process, which gets every signal.
        """
        given = [*self.configuration["Env"], *(f"{name}={value}" for name, value in settings.items())]
        inside = ["env", "--ignore-environment", f"--chdir={self.configuration['WorkingDir']}", *given, *command]
        places = [self.root, var, self.configuration["User"]]
        return ["unshare", "--mount", "sh", "-c", INSIDE, "sh", *map(str, [*places, *inside])]

    def remove(self) -> None:
        if self.container:
            self.store.buildah("rm", self.container)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.image", description="Build the image.")
    parser.add_argument("--base", default="", help="an image with Python that buildah can get; without: Debian's")
    chosen = parser.parse_args(arguments)
    if why := missing():
        print(why, file=sys.stderr)
        return 1
    store = Store()
    if not chosen.base and not store.has(BASE):
        store.make_base()
    store.build(base=chosen.base or BASE)
    print(f"Built {NAME}, in {store.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
