"""
A small site on one machine, `policysite all`: one process for pages and one for whatever is due, without a broker.

Nobody rings there: what is due is looked for every two seconds (`run_deliveries`). The database may be a file.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from policysite.running import processes, supervisor
from policysite.running.supervisor import Refused, Stop, Supervisor, python

# Behind a database that is away for a moment, too.
LONGEST_LOOK = 120


def run(*, host: str, port: int, folder: Path, stop: Stop) -> None:
    """
    Bring the site up, say so, and look after it until the end is asked for.

    :raises Refused: if it cannot run
    :raises Stopped: in the end
    """
    supervisor.check_port(port, host=host, command="policysite all --port ")
    folder.mkdir(parents=True, exist_ok=True)
    with supervisor.only_one(folder, name="site"):
        # Bells would pile up where nobody hears them.
        environment = {**os.environ, "POLICYSITE_VAR": str(folder), "CELERY_BROKER_URL": "none"}
        _check_tables(environment)
        parts = Supervisor(folder, environment, stop, has_logs=False)
        try:
            parts.start(python("web", *supervisor.WEB, "--host", host, "--port", port, supervisor.TARGET))
            parts.start(python("deliveries", "policysite", "run_deliveries"))
            parts.wait_until(lambda: processes.answers(port, host=host))
            print(f"policysite is ready on {host}, port {port}.", flush=True)
            parts.wait_until(lambda: False)
        finally:
            parts.end()


def _check_tables(environment: dict[str, str]) -> None:
    """:raises Refused: if settings or tables are not those of this code"""
    command = [sys.executable, "-m", "policysite", "migrate", "--check"]
    looked = subprocess.run(
        command, env=environment, cwd=supervisor.ROOT, capture_output=True, text=True, check=False, timeout=LONGEST_LOOK
    )
    # Names that nobody reads are told by the processes, too.
    said = [line for line in looked.stderr.splitlines() if not line.startswith("policysite: ")]
    if looked.returncode:
        raise Refused("\n".join(said) or "The tables are not those of this code: run policysite migrate first.")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="policysite all", description="Run a small site.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    chosen = parser.parse_args(arguments)
    # Set by the command, which found out where the site is at home.
    folder = Path(os.environ["POLICYSITE_VAR"])
    return supervisor.until_stopped(lambda stop: run(host=chosen.host, port=chosen.port, folder=folder, stop=stop))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
