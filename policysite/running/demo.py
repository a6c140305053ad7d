"""
The demo: `policysite demo [--port 8000] [--reset]` runs web, worker and mail server until it is told to stop.

Everything it keeps lies in one folder, the output of its processes in `log/` in it.
"""

import argparse
import os
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from policysite import places
from policysite.running import home, processes, supervisor
from policysite.running.supervisor import Refused, Stop, Supervisor, python

# What takes another port, and what starts over.
OTHER_PORT, ANEW = "make demo PORT=", "make demo RESET=1"
if places.IS_INSTALLED:
    OTHER_PORT, ANEW = "policysite demo --port ", "policysite demo --reset"

CAST = """
Sign in at {url}/sign-in/login/code/ as one of these; the code arrives at {url}/demo/mailbox/
  edith@example.org   Edith, editor: writes and proposes ({url}/admin/)
  ravi@example.org    Ravi, approver: approves and publishes ({url}/admin/)
  cora@example.org    Cora, counsel: looks up what somebody was told, shown and answered ({url}/admin/)
  uma@example.org     Uma, user: is told of changes, accepts or declines
  oscar@example.org   Oscar, outsider: has an account and no rights
Vera, visitor, reads {url}/ without an account.
Ctrl-C stops everything and keeps the data; `{anew}` starts over.
"""


@dataclass
class Demo:
    port: int
    folder: Path
    mail_port: int
    parts: Supervisor

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / home.DATABASE

    def run(self) -> None:
        """
        Bring everything up, say so, and look after it until the end is asked for.

        :raises Refused: if it cannot run
        :raises Stopped: in the end
        """
        supervisor.check_port(self.port, command=OTHER_PORT)
        self.prepare_database()
        mailbox = ["policysite.running.mailbox", "--port", self.mail_port, "--folder", self.folder / "mailbox"]
        self.parts.start(python("mail", *mailbox))
        self.parts.start(python("worker", *supervisor.WORKER, "--beat"))
        supervisor.check_port(self.port, command=OTHER_PORT)  # again: preparing took a while
        self.parts.start(python("web", *supervisor.WEB, "--port", self.port, supervisor.TARGET))
        self.parts.wait_until(lambda: supervisor.responds(f"{self.url}/"))
        print(f"policysite is ready: {self.url}/", CAST.format(url=self.url, anew=ANEW), sep="\n", flush=True)
        self.parts.wait_until(lambda: False)

    def prepare_database(self) -> None:
        """Bring the database up to date. A new one gets its name only when it is complete."""
        if self.database.exists():
            self.manage("migrate", database=self.database)
            return
        print("Writing five policies, their history and 300 people into a new database ...", flush=True)
        new = self.folder / "new.sqlite3"
        new.unlink(missing_ok=True)
        self.manage("migrate", database=new)
        self.manage("load_demo", database=new)
        new.rename(self.database)

    def manage(self, command: str, *, database: Path) -> None:
        self.parts.run_to_its_end(python(command, "policysite", command, DATABASE_URL=f"sqlite:///{database}"))


def environment(*, port: int, mail_port: int, folder: Path) -> dict[str, str]:
    """Nothing of the caller's own settings may send the demo's mail to anybody."""
    return {
        **os.environ,
        "POLICYSITE_DEMO": "1",
        "POLICYSITE_VAR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / home.DATABASE}",
        "CELERY_BROKER_URL": "filesystem://",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        **dict.fromkeys(("MAIL_PROVIDER", "MAIL_REPORTS"), ""),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
    }


def check_folder(folder: Path) -> None:
    """:raises Refused: if the demo cannot run there"""
    if not find_spec("aiosmtpd"):
        raise Refused("The demo has a mail server of its own, which is missing: pip install 'policysite[demo]'")
    if home.path(folder).exists():
        raise Refused(f"{folder} is the home of a site. Name another folder for the demo: --home FOLDER")


def forget(folder: Path) -> None:
    for path in [*folder.glob("*.sqlite3*"), *folder.glob("celerybeat-schedule*")]:
        path.unlink()
    for name in ("mailbox", "broker", "log"):
        shutil.rmtree(folder / name, ignore_errors=True)


def run(*, port: int, folder: Path, reset: bool, stop: Stop) -> None:
    """
    :raises Refused: if it cannot run here
    :raises Stopped: in the end
    """
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with supervisor.only_one(folder, name="demo"):
        if reset:
            forget(folder)
        for name in ("mailbox", "log"):
            (folder / name).mkdir(exist_ok=True)
        mail_port = processes.free_port()
        settings = environment(port=port, mail_port=mail_port, folder=folder)
        demo = Demo(port, folder, mail_port, Supervisor(folder, settings, stop))
        try:
            demo.run()
        finally:
            demo.parts.end()


def main(arguments: list[str], *, folder: Path) -> int:
    parser = argparse.ArgumentParser(prog="policysite demo", description="Run policysite with demo data.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--reset", action="store_true", help="start over with new data")
    chosen = parser.parse_args(arguments)
    return supervisor.until_stopped(lambda stop: run(port=chosen.port, folder=folder, reset=chosen.reset, stop=stop))
