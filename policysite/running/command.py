"""
The command `policysite`: makes a folder for a site, runs its processes, and hands every other verb on to Django.

What a site is told stands in one file in its home (`policysite.running.home`); the environment counts more.
"""

import argparse
import os
import sys
from pathlib import Path

from django.conf import settings

from policysite import __version__, places, starting
from policysite.running import demo, home, supervisor
from policysite.running.supervisor import Refused

HELP = """policysite [--home FOLDER] COMMAND ...

  init [NAME=VALUE ...]     makes the home of a site: new keys, and the settings that are named
  migrate                   makes and changes the tables
  createsuperuser           makes the first user, who invites everybody else
  doctor                    says everything at once that would keep the site from its work
  backup FOLDER             writes database, marks and public keys to a folder; restore FOLDER brings them back
  all [--host H] [--port N] runs a small site: pages, and whatever is due, without a broker
  web, worker, beat         runs one process of a larger site; options go to granian and celery
  demo [--port N] [--reset] runs the product with made-up people (needs policysite[demo])
  version                   says which release this is
  help COMMAND              says more of one; help --commands lists those of manage.py, which are all here

The home of a site is a folder of its own, {home} if no other is named.
Settings lie in its file `environment`, and what stands in the environment counts more: docs/configuration.md.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="policysite", add_help=False, allow_abbrev=False)
    parser.add_argument("--home", type=Path)
    parser.add_argument("verb", nargs="?", default="")
    chosen, rest = parser.parse_known_args()
    if chosen.verb in {"", "help"} and set(rest) <= {"-h", "--help"}:
        print(HELP.format(home=places.home()), end="")
        return
    # Behind a verb it is an option of that verb.
    if chosen.verb == "version" or (not chosen.verb and rest == ["--version"]):
        print(f"policysite {__version__}")
        return
    if not chosen.verb:
        sys.exit("policysite: name a command before its options; policysite help lists them.")
    try:
        sys.exit(run(chosen.verb, rest, named=chosen.home))
    except Refused as error:
        sys.exit(str(error))


def run(verb: str, rest: list[str], *, named: Path | None) -> int:
    """
    Do what a verb says, and return the exit code; a server takes this process over.

    :raises Refused: if it cannot be done; says why and what to do
    """
    if verb == "demo":
        return demo.main(rest, folder=_folder(named, otherwise="policysite-demo"))
    folder = _folder(named)
    if verb == "init":
        return _made(folder, rest, is_usual=folder == places.home().resolve())
    _settle(folder)
    if verb == "all":
        # Another program, because this one has read much of the site, and would keep it for as long as the site runs.
        _become(["policysite.running.small_site", *rest])
    if verb in supervisor.SERVERS:
        _check_broker(verb)
        _become([*supervisor.SERVERS[verb], *rest])
    manage(["policysite", verb, *rest])
    return 0


def manage(arguments: list[str]) -> None:
    """Django's command line; `arguments` begin with the program's name."""
    starting.read_settings()
    # Imported here because the settings have to be read first.
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.db import OperationalError  # noqa: PLC0415

    try:
        execute_from_command_line(arguments)
    except OperationalError as error:
        sys.exit(
            f"The database does not answer ({str(error).strip().splitlines()[0]}). Check DATABASE_URL and start it."
        )


def _folder(named: Path | None, *, otherwise: str = "policysite") -> Path:
    given = os.environ.get("POLICYSITE_VAR")
    return (named or (Path(given) if given else places.home(otherwise))).resolve()


def _made(folder: Path, rest: list[str], *, is_usual: bool) -> int:
    path = home.make(folder, rest)
    command = "policysite" if is_usual else f"policysite --home {folder}"
    print(f"The keys and settings of the site are in {path}: keep a copy of them apart from the database. Next:")
    for verb in ("migrate", "createsuperuser", "doctor", "all"):
        print(f"  {command} {verb}")
    return 0


def _settle(folder: Path) -> None:
    """
    Take the settings of a home, below those of the environment. The demo's processes are told all they need by it.

    :raises Refused: if neither has any
    """
    os.environ["POLICYSITE_VAR"] = str(folder)
    if os.environ.get("POLICYSITE_DEMO", "") not in {"", "0"}:
        return
    os.environ.update({name: os.environ.get(name) or value for name, value in home.settings(folder).items()})
    if not (home.path(folder).exists() or os.environ.get("SECRET_KEY")):
        raise Refused(f"There is no site in {folder}, and none in the environment. Make one: policysite init")


def _check_broker(verb: str) -> None:
    """:raises Refused: if there is none for whom only a bell wakes"""
    starting.read_settings()
    if verb != "web" and not settings.CELERY_BROKER_URL:
        raise Refused(
            "CELERY_BROKER_URL is none, and workers wait for a broker: name one, or let run_deliveries do their work."
        )


def _become(command: list[object]) -> None:
    """
    End as another program, which so gets every signal and is what the system's supervisor looks after. It works where
    the code lies: Celery takes modules of the folder that it is called in for those of the package.
    """
    os.chdir(supervisor.ROOT)
    os.execv(sys.executable, [sys.executable, "-m", *map(str, command)])  # noqa: S606 - our own servers
