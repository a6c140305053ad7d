"""A Debian with Python and nothing else goes from the wheel to a sent notice, by the commands of the README."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policysite.running import processes
from scripts import image
from tests.drills import whole

ROOT = Path(__file__).parents[2]
COMMANDS = re.findall(r"^    (.*?)(?:\s+#.*)?$", (ROOT / "README.md").read_text(), re.MULTILINE)
VENV, INSTALL, DEMO = (
    next(command for command in COMMANDS if word in command) for word in ("venv", "pip install", "policysite demo")
)
NOTICE = "<legal@northwind.example>"
pytestmark = [whole, pytest.mark.skipif(bool(image.missing()), reason=image.missing())]
# The mailbox is looked into as somebody would: the notice goes out by itself.
BY_THE_README = """
set -e
began=$(date +%s)
past() {{ echo "$1 after $(($(date +%s) - began)) s"; }}
cd "$HOME"
{venv}
{install}
past installed
{demo} --port {port} > demo.txt 2>&1 &
demo=$!
until grep --silent --no-messages --fixed-strings '{notice}' policysite-demo/mailbox/*.eml; do
    kill -0 $demo || {{ cat demo.txt; exit 1; }}
    sleep 1
done
past "a notice sent"
kill $demo
wait $demo
"""


@pytest.fixture
def debian(tmp_path: Path) -> Iterator[list[str]]:
    """What runs a script in it, as somebody without rights, in a home that has the wheel."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    wheel = next(tmp_path.glob("*.whl"))
    store = image.Store()
    if not store.has(image.BASE):
        store.make_base()
    container = store.buildah("from", image.BASE)
    try:
        store.buildah("run", "--isolation", "chroot", container, "--", "useradd", "--create-home", "somebody")
        store.buildah("copy", "--chown", "somebody", container, wheel, "/home/somebody/")
        how = ["--isolation", "chroot", "--network", "host", "--user", "somebody", "--env", "HOME=/home/somebody"]
        yield store.command("run", *how, *store.mounts(), container, "--", "sh", "-c")
    finally:
        store.buildah("rm", container)


def test_from_the_wheel_to_a_notice(debian: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    script = BY_THE_README.format(venv=VENV, install=INSTALL, demo=DEMO, port=processes.free_port(), notice=NOTICE)
    done = subprocess.run([*debian, script], capture_output=True, text=True, check=False, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    said = re.findall(r"^(?:installed|a notice sent) after \d+ s$", done.stdout, re.MULTILINE)
    with capsys.disabled():
        print(f"\n{'; '.join(said)}", file=sys.stderr)  # noqa: T201 - the figure of a drill
    assert len(said) == 2
