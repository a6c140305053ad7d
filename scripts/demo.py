"""
The demo: `python -m scripts.demo [--port 8000] [--reset]` runs web, worker and mail server until it is told to stop.

Everything it keeps lies in `var/` (or in `POLICYSITE_VAR`), the output of its processes in `var/log/`.
"""

import argparse
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts import processes, supervisor
from scripts.supervisor import Stop, Supervisor, python

CAST = """
Sign in at {url}/sign-in/login/code/ as one of these; the code arrives at {url}/demo/mailbox/
  edith@example.org   Edith, editor: writes and proposes ({url}/admin/)
  ravi@example.org    Ravi, approver: approves and publishes ({url}/admin/)
  cora@example.org    Cora, counsel: looks up what somebody was told, shown and answered ({url}/admin/)
  uma@example.org     Uma, user: is told of changes, accepts or declines
  oscar@example.org   Oscar, outsider: has an account and no rights
Vera, visitor, reads {url}/ without an account.
Ctrl-C stops everything and keeps the data; `make demo RESET=1` starts over.
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
        return self.folder / "policysite.sqlite3"

    def run(self) -> None:
        """
        Bring everything up, say so, and look after it until the end is asked for.

        :raises Refused: if it cannot run
        :raises Stopped: in the end
        """
        supervisor.check_port(self.port, command="make demo")
        self.prepare_database()
        mailbox = ["scripts.mailbox", "--port", self.mail_port, "--folder", self.folder / "mailbox"]
        self.parts.start(python("mail", *mailbox))
        self.parts.start(python("worker", *supervisor.WORKER, "--beat"))
        supervisor.check_port(self.port, command="make demo")  # again: preparing took a while
        self.parts.start(python("web", *supervisor.WEB, "--port", self.port, "policysite.wsgi:application"))
        self.parts.wait_until(lambda: supervisor.responds(f"{self.url}/"))
        print(f"policysite is ready: {self.url}/", CAST.format(url=self.url), sep="\n", flush=True)
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
        self.parts.run_to_its_end(python(command, "manage", command, DATABASE_URL=f"sqlite:///{database}"))


def environment(*, port: int, mail_port: int, folder: Path) -> dict[str, str]:
    """Nothing of the caller's own settings may send the demo's mail to anybody."""
    return {
        **os.environ,
        "POLICYSITE_DEMO": "1",
        "POLICYSITE_VAR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'policysite.sqlite3'}",
        "CELERY_BROKER_URL": "filesystem://",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
    }


def forget(folder: Path) -> None:
    for path in [*folder.glob("*.sqlite3*"), *folder.glob("celerybeat-schedule*")]:
        path.unlink()
    for name in ("mailbox", "broker", "log"):
        shutil.rmtree(folder / name, ignore_errors=True)


def run(*, port: int, folder: Path, reset: bool, stop: Stop) -> None:
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


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="Run policysite with demo data.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--reset", action="store_true", help="start over with new data")
    chosen = parser.parse_args(arguments)
    folder = Path(os.environ.get("POLICYSITE_VAR", supervisor.ROOT / "var")).resolve()
    return supervisor.until_stopped(lambda stop: run(port=chosen.port, folder=folder, reset=chosen.reset, stop=stop))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
