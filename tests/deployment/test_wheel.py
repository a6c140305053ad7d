"""The wheel: all that a site needs is in it, and from it alone a new environment goes to a page and a notice."""

import json
import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from policysite.environment import table
from policysite.running import home, processes
from scripts import bill_of_materials
from tests.smtp_sink import Sink

ROOT = Path(__file__).parents[2]
ROOMS = ("policies", "policysite", "templates", "static", "locale")
UV = Path(sys.executable).with_name("uv")
# One process of the tests builds it, installs it and keeps the demo's data.
pytestmark = pytest.mark.xdist_group("wheel")


@dataclass(frozen=True)
class Site:
    """What somebody has who installed the package, and works in a folder that is no checkout."""

    program: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of what the tests are run with."""
        ours = {setting.name for setting in table.SETTINGS} | {"PYTHONPATH", "VIRTUAL_ENV"}
        kept = {key: value for key, value in os.environ.items() if key not in ours and not key.startswith("DJANGO_")}
        return {**kept, "HOME": str(self.folder)}

    def run(self, *arguments: object) -> str:
        command = [str(self.program), *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments: object, log: Path) -> processes.Process:
        started = processes.start([self.program, *arguments], log=log, environment=self.environment, folder=self.folder)
        processes.wait_until(
            lambda: "policysite is ready" in log.read_text(), process=started, log=log, name="policysite", within=120
        )
        return started


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A new environment with the wheel and what it asks for, in the versions that are pinned."""
    folder = tmp_path_factory.mktemp("elsewhere")

    def uv(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [str(UV), *map(str, arguments)]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)

    if not UV.exists():
        pytest.skip("There is no uv beside this Python.")
    uv("venv", "--python", sys.executable, "site")
    pinned = ["--require-hashes", "--requirement", ROOT / "requirements" / "demo.txt"]
    fetched = uv("pip", "install", "--python", "site", "--system-certs", *pinned)
    if fetched.returncode:
        pytest.skip(f"No package can be fetched here: {fetched.stderr.strip().splitlines()[-1]}")
    # Nothing more may be asked for than the pinned packages, and nothing that contradicts them.
    installed = uv("pip", "install", "--python", "site", "--offline", f"policysite[demo] @ {wheel.as_uri()}")
    assert installed.returncode == 0, installed.stderr
    assert len(re.findall(r"^ \+ ", installed.stderr, re.MULTILINE)) == 1
    return Site(folder / "site" / "bin" / "policysite", folder)


def test_all_that_the_checkout_has_for_a_site_is_in_it_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
        manifest = json.loads(archive.read("policysite/_files/staticfiles/staticfiles.json"))["paths"]
    here = [path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    ours = [str(path) for path in here if "__pycache__" not in path.parts]
    brought = {name if name.startswith("polic") else f"policysite/_files/{name}" for name in ours}
    assert brought - inside == set()
    made = {name for name in inside - brought if not name.startswith("policysite/_files/staticfiles/")}
    assert made == {"policysite/_files/licenses.md"}
    assert {name.removeprefix("static/") for name in ours if name.startswith("static/")} <= set(manifest)
    assert {f"policysite/_files/staticfiles/{name}" for name in manifest.values()} <= inside


def test_its_bill_names_every_package_that_is_pinned(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        place = next(name for name in archive.namelist() if name.endswith(".dist-info/sboms/policysite.cdx.json"))
        bill = json.loads(archive.read(place))
        licenses = archive.read("policysite/_files/licenses.md").decode()
    components: dict[str, Any] = {each["bom-ref"]: each for each in bill["components"]}
    pinned = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements" / "production.txt").read_text(), re.MULTILINE)
    required = {ref for ref, each in components.items() if each["scope"] == "required"}
    assert required == {f"pkg:pypi/{name}@{version}" for name, version in pinned}
    # What is needed on other systems alone, or by older Pythons, is not here to be asked.
    needed_here = [each for each in components.values() if applies(each)]
    assert [each["name"] for each in needed_here if "licenses" not in each] == []
    assert all(f"| {each['name']} | {each['version']} | " in licenses for each in components.values())
    refs = {*components, bill["metadata"]["component"]["bom-ref"]}
    assert {each["ref"] for each in bill["dependencies"]} == refs
    wanted = {ref for each in bill["dependencies"] for ref in each["dependsOn"]}
    assert wanted == set(components)  # none that nobody needs, and none that is not there


def applies(component: dict[str, Any]) -> bool:
    markers = [each["value"] for each in component.get("properties", [])]
    return all(Requirement(f"{component['name']} ; {marker}").marker.evaluate() for marker in markers)  # type: ignore[union-attr]


def test_its_bill_is_cyclonedx() -> None:
    """By the schema itself, which comes with the validator."""
    said = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill_of_materials.bill()))
    assert said is None, said


def test_an_expression_is_one_and_words_are_words() -> None:
    bill = {each["name"]: each for each in bill_of_materials.bill()["components"]}
    assert bill["orjson"]["licenses"][0]["expression"].startswith("MPL-2.0")
    assert bill["django-csp"]["licenses"] == [{"license": {"name": "BSD License"}}]


def test_the_demo_serves_its_first_page_in_the_readers_language_and_sends_a_notice(demo: Path) -> None:
    assert notices(demo)


@pytest.fixture(scope="module")
def demo(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a demo that ran, showed its first page and sent something."""
    folder = tmp_path_factory.mktemp("demo") / "home"
    port, log = processes.free_port(), folder.with_suffix(".txt")
    started = site.start("demo", "--home", folder, "--port", port, log=log)
    try:
        assert "policysite demo --reset" in log.read_text()
        check_first_page(f"http://127.0.0.1:{port}")
        processes.wait_until(lambda: bool(notices(folder)), process=started, log=log, name="demo", within=60)
    finally:
        processes.stop(started, within=20)
    return folder


def notices(demo: Path) -> list[Path]:
    """Mails of the stream for legal notices that came to the demo's mail server."""
    kept = (demo / "mailbox").glob("*.eml")
    return [path for path in kept if b"<legal@northwind.example>" in path.read_bytes()]


def check_first_page(url: str) -> None:
    """What it loads is there, and who reads German is answered in German: templates, static files and catalogs."""
    page = read(url, language="de").decode()
    assert '<html lang="de"' in page
    loaded = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert loaded
    # The last one is put together from the sources of static files.
    assert all(read(url + path) for path in [*loaded, "/embed/notice.js"])


def read(url: str, *, language: str = "en") -> bytes:
    request = urllib.request.Request(url, headers={"Accept-Language": language})  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        found: bytes = answer.read()
        return found


@pytest.fixture
def small(site: Site, demo: Path, smtp_sink: Sink, tmp_path: Path) -> tuple[Site, Path, int]:
    """A site in earnest over what the demo left: its home and its port."""
    port = processes.free_port()
    folder = tmp_path / "home"
    settings = {
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{demo / home.DATABASE}",
        "HIGH_WATER_FOLDER": demo / "high-water",
        "EMAIL_URL": smtp_sink.url,
        # They are part of every mail on record.
        "ORGANIZATION": "Northwind Audio",
        "MAIL_DOMAIN": "northwind.example",
    }
    said = site.run("init", "--home", folder, *(f"{name}={value}" for name, value in settings.items()))
    assert f"policysite --home {folder} migrate" in said
    site.run("migrate", "--home", folder)
    return site, folder, port


def test_a_small_site_on_a_file_serves_pages_and_sends_without_a_broker(
    small: tuple[Site, Path, int], smtp_sink: Sink, tmp_path: Path
) -> None:
    site, folder, port = small
    said = site.run("doctor", "--home", folder)
    assert [line for line in said.splitlines() if not line.endswith(" ok")] == []
    log = tmp_path / "all.txt"
    started = site.start("all", "--home", folder, "--port", port, log=log)
    try:
        check_first_page(f"http://127.0.0.1:{port}")
        processes.wait_until(
            lambda: bool(smtp_sink.messages), process=started, log=log, name="policysite all", within=60
        )
    finally:
        processes.stop(started, within=20)
    assert "Stopped." in log.read_text()
