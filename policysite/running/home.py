"""The home of a site: its keys and settings in the file `environment`, and beside it whatever the site keeps."""

import base64
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

from policysite.environment import reading, table
from policysite.running.supervisor import Refused

DATABASE = "policysite.sqlite3"


def path(folder: Path) -> Path:
    """The file with the settings: `NAME=value` a line, as shells and systemd read it."""
    return folder / "environment"


def settings(folder: Path) -> dict[str, str]:
    """
    What the file says; nothing where there is none.

    :raises Refused: if a line of it is no setting
    """
    if not path(folder).exists():
        return {}
    try:
        lines = path(folder).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Refused(f"{path(folder)} cannot be read ({error.strerror}).") from error
    return dict(_setting(line, where=f"{path(folder)}, line {n}") for n, line in enumerate(lines, 1) if _says(line))


def make(folder: Path, given: list[str]) -> Path:
    """
    Make a home with new keys and the settings that are given as `NAME=value`; returns the path of its file.

    :raises Refused: if there is a site or a database already, or a setting is unknown or wrong
    """
    for there in (path(folder), folder / DATABASE):
        if there.exists():
            raise Refused(f"{there} is there already; nothing was changed. Name another folder: --home FOLDER")
    made = {**_made_up(folder), **dict(each.partition("=")[::2] for each in given)}
    unknown = sorted(set(made) - {setting.name for setting in table.SETTINGS})
    if unknown:
        raise Refused(f"There is no setting {', '.join(unknown)}: see docs/configuration.md.")
    try:
        reading.read(made)
    except reading.Wrong as error:
        raise Refused(str(error)) from error
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(path(folder), made)
    return path(folder)


def write(path: Path, environment: Mapping[str, str]) -> None:
    """Write settings down for their owner alone."""
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in environment.items()), encoding="utf-8")


def _made_up(folder: Path) -> dict[str, str]:
    """What a small site begins with: a database in a file, no broker, and a key for each purpose."""
    return {
        "SITE_URL": "http://127.0.0.1:8000",
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "CELERY_BROKER_URL": "none",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "LEDGER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ADDRESS_KEY": secrets.token_urlsafe(32),
        "WEBHOOK_KEY": secrets.token_urlsafe(32),
    }


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _setting(line: str, *, where: str) -> tuple[str, str]:
    name, equals, value = line.strip().partition("=")
    try:
        words = shlex.split(value)
    except ValueError:
        words = ["", ""]
    if not equals or not name.isidentifier() or len(words) > 1:
        raise Refused(f"{where}: a setting is NAME=value, with quotes around a value that has blanks in it.")
    return name, "".join(words)
