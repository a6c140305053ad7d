"""
A new organization, on the stack without demo data: production settings, the site's own role, real browsers.

It is set up as docs/operating.md says; people are invited; two texts come in as files; and three people answer: one
from the mail, one handed over by a product at another origin, one whom the gate stops.
"""

import http.server
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import FilePayload, Page

from policysite.running import processes, supervisor
from scripts import postgresql
from tests.browser import OpenPage
from tests.journeys.cast import Mailbox, Somebody, link_in
from tests.services.plugin import short_folder
from tests.test_demo_command import Running
from tests.views.people.test_handover_in_a_browser import documented

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
TERMS = """\
# Terms of Use

Last updated: April 2025

## What we keep

We keep your mixes for one year after you leave.

## Changes to these terms

We tell you of material changes by e-mail before they take effect.
"""
# The stack makes tables and collects static files by itself; the rest is done here, as the manual has it.
OF_THE_MANUAL = {
    "doctor": (),
    "createsuperuser": ("--no-input", "--email", "oscar@example.org", "--name", "Oscar"),
    "backup": ("--into", "backups"),
    "verify_ledger": (),
}
# No product runs inside this site: a page of its own stands for one.
GUARDED = "/account/sessions/"
PRIVACY = "# Privacy Policy\n\nWe keep your address to send you what you ask for. Write to privacy@example.org.\n"


@dataclass(frozen=True)
class Kept:
    recipients: tuple[str, ...]
    mail: EmailMessage


@dataclass
class Folder:
    """What the stack's mail server keeps: one file a mail."""

    path: Path

    @property
    def messages(self) -> list[Kept]:
        mails = [
            message_from_bytes(each.read_bytes(), policy=policy.default) for each in sorted(self.path.glob("*.eml"))
        ]
        return [Kept(tuple(map(str, mail.get_all("Delivered-To", []))), mail) for mail in mails]


class Product(http.server.BaseHTTPRequestHandler):
    """The organization's own product, at another origin: a page that hands its visitor over, and takes them back."""

    hand_over = ""

    def do_GET(self) -> None:
        body = f'<!doctype html><title>Studio</title><a href="{self.hand_over}">Read and answer</a>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def product() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Product)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def stack(product: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("HAND_OVER_ORIGINS", product)
    monkeypatch.setenv("ACCEPTANCE_GATE_PATHS", GUARDED)
    with tempfile.TemporaryDirectory(prefix="policysite-new-", dir=short_folder()) as folder:
        Path(folder).chmod(0o711)
        running = Running(
            Path(folder) / "stack", port=processes.free_port(), command=("scripts.stack",), options=("--empty",)
        )
        try:
            running.wait("policysite is ready")
            yield running
        finally:
            processes.stop(running.process, within=30)


def steps() -> list[str]:
    """What docs/operating.md says of the first deployment, step by step."""
    text = (supervisor.ROOT / "docs/operating.md").read_text()
    (section,) = re.findall(r"\n## First deployment\n(.*?)\n## ", text, re.DOTALL)
    return re.split(r"\n(?=\d\. )", section)[1:]


def test_the_stack_and_the_journey_do_what_the_manual_says() -> None:
    written = re.findall(r"(?:REVOKE|GRANT|ALTER DEFAULT)[^;]*;", steps()[0])
    rights = postgresql.rights(
        database="policysite", owner="policysite_owner", role="policysite", backup="policysite_backup"
    )
    assert {_plain(each) for each in written} == {_plain(each) for each in rights}
    named = {name for step in steps() for name in re.findall(r"`(?:[A-Z_]+=\S+ )?python manage\.py (\w+)", step)}
    assert named == {"migrate", "collectstatic", *OF_THE_MANUAL}


def _plain(statement: str) -> str:
    return " ".join(statement.replace('"', "").rstrip(";").split())


def manage(stack: Running, *arguments: str, **environment: str) -> None:
    """A command of docs/operating.md, with the stack's settings."""
    programs = {"PATH": f"{postgresql.find_binaries()}{os.pathsep}{os.environ['PATH']}"}
    there = {**os.environ, **stack.settings, **programs, **environment}
    there.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=supervisor.ROOT, env=there, check=True, capture_output=True, timeout=120)


class AtTheDesk(Somebody):
    """Somebody with an authenticator app, which the desk asks for."""

    secret = ""
    last_step = 0

    def come_in(self) -> None:
        """Sign in by a code, and set the app up at the first visit."""
        self.sign_in()
        self.go("/admin/")
        secret = self.page.locator(".second-factor__secret")
        if secret.count():
            self.secret = secret.inner_text().strip()
            self._type(self._app_code())
            self.go("/admin/")

    def binding(self) -> None:
        """Give the app's code again where a page asks before something that binds."""
        self.page.wait_for_load_state()
        if "reauthenticate" in self.page.url:
            self._type(self._app_code())

    def _app_code(self) -> str:
        """The app's code of this half minute; one is taken once, so the next is waited for."""
        step = int(time.time()) // 30
        while step <= self.last_step:
            time.sleep(0.5)
            step = int(time.time()) // 30
        self.last_step = step
        return str(totp.format_hotp_value(totp.hotp_value(self.secret, step)))

    def _type(self, code: str) -> None:
        self.page.locator("input[name=code]").fill(code)
        self.page.locator("main form button").first.click()
        self.page.wait_for_load_state()


def api(stack: Running, key: str, method: str, path: str, body: object = None) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{stack.port}/api/v1{path}",
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - of this machine
        return json.load(answer)


def sources() -> Sequence[tuple[str, bytes]]:
    """Two of the five source documents; without them, two texts of the same kind."""
    if SEEDS.exists():
        return [(name.name, name.read_bytes()) for name in sorted(SEEDS.glob("00[12]_*.txt"))]
    return [("terms.md", TERMS.encode()), ("privacy.md", PRIVACY.encode())]


def invite(root: AtTheDesk, somebody: AtTheDesk, *roles: str) -> None:
    """By the page for it; whoever is invited signs in by what the mail says, and sets an app up."""
    page = root.go("/admin/policies/user/add/")
    page.locator("[name=email]").fill(somebody.address)
    page.locator("[name=name]").fill(somebody.address.partition("@")[0].title())
    for role in roles:
        page.locator(f"[name=roles][value={role}]").check()
    root.press_first()
    root.reads("may come in now")
    told = somebody.mailbox.to(somebody.address) or [somebody.mailbox.wait(somebody.address, subject="")]
    somebody.page.goto(link_in(told[0], "/admin/"))
    somebody.reads("Send me a code")
    somebody.come_in()
    somebody.reads("Good to see you")


def make_policy(edith: AtTheDesk, title: str, *, acceptance: str) -> None:
    page = edith.go("/admin/policies/policy/add/")
    page.get_by_label("Title:").fill(title)
    page.get_by_label("Contact:").fill("terms@example.org")
    page.locator("[name=acceptance]").first.wait_for()
    choose(page, "acceptance", acceptance)
    page.locator("[name=_save]").click()
    edith.reads("No version yet")


def import_text(edith: AtTheDesk, name: str, source: bytes) -> None:
    edith.follow("Import a text")
    edith.page.locator("input[type=file]").set_input_files(FilePayload(name=name, mimeType="text/plain", buffer=source))
    edith.press_first()
    edith.reads("Submit for review")


def publish(edith: AtTheDesk, ravi: AtTheDesk, *, acceptance: str) -> None:
    """Handed in by one, approved by the other, published by the first."""
    draft = edith.page.url.partition("?")[0].partition("#")[0]
    choose(edith.page, "acceptance", acceptance)
    edith.page.locator("[name=_next]").click()
    edith.reads("What the reviewer will see")
    edith.press_first()
    edith.reads("Submitted", "told by mail")
    ravi.page.goto(draft.replace("/change/", "/review/"))
    ravi.page.locator("[name=approve]").click()
    ravi.reads("Approved")
    edith.page.goto(draft.replace("/change/", "/publish/"))
    edith.reads("Read this page aloud")
    edith.press_first()
    edith.reads("Published")


def test_it_is_set_up_told_and_answered(
    stack: Running, product: str, open_page: OpenPage, complaints: list[str]
) -> None:
    site = f"http://127.0.0.1:{stack.port}"
    mailbox = Mailbox(Folder(stack.folder / "mailbox"))

    def at_the_desk(name: str) -> AtTheDesk:
        return AtTheDesk(f"{name}@example.org", open_page(), mailbox, site)

    # docs/operating.md: look, and the first superuser, who invites an author who also publishes, and an approver.
    for name in ("doctor", "createsuperuser"):
        manage(stack, name, *OF_THE_MANUAL[name], DJANGO_SUPERUSER_PASSWORD=secrets.token_urlsafe(12))
    root, edith, ravi = at_the_desk("oscar"), at_the_desk("edith"), at_the_desk("ravi")
    root.come_in()
    invite(root, edith, "author", "publisher", "integrator")
    invite(root, ravi, "approver")

    # Two texts come in as files; the first asks everybody.
    (first, second), desk = sources(), []
    for (name, source), acceptance in ((first, "explicit"), (second, "none")):
        make_policy(edith, name.partition(".")[0], acceptance=acceptance)
        desk.append(edith.page.url)
        import_text(edith, name, source)
        publish(edith, ravi, acceptance=acceptance)

    # A program of theirs brings people, who are told of the next version.
    page = edith.go("/admin/policies/apikey/add/")
    page.locator("[name=name]").fill("Studio")
    for box in page.locator("[name=scopes]").all():
        box.check()
    edith.press_first()
    key = page.locator(".desk-secret").inner_text()
    for name in ("uma", "finn", "vera"):
        api(stack, key, "PUT", f"/people/{name}", {"address": f"{name}@example.org", "name": name.title()})
    edith.page.goto(desk[0])
    write_next(edith)
    publish(edith, ravi, acceptance="explicit")
    slug = api(stack, key, "GET", "/people/uma/outstanding")[0]["policy"]

    def person(name: str) -> Somebody:
        return Somebody(f"{name}@example.org", open_page(), mailbox, site)

    answers_the_mail(person("uma"))
    is_handed_over(stack, key, product, open_page())
    is_stopped_by_a_script(person("vera"), slug)
    assert [complaint for complaint in complaints if GUARDED not in complaint] == []
    complaints.clear()  # the browser says that the script was refused, as it was to be
    for name in ("uma", "finn", "vera"):
        assert api(stack, key, "GET", f"/people/{name}/outstanding") == []
    reads_alone = stack.settings["DATABASE_URL"].replace("//policysite@", "//policysite_backup@")
    manage(stack, "backup", "--into", str(stack.folder / "backups"), DATABASE_URL=reads_alone)
    manage(stack, "verify_ledger")


def answers_the_mail(uma: Somebody) -> None:
    """Follow the link in the mail, sign in by a code, answer, and find the answer in the account."""
    told = uma.mailbox.wait(uma.address, subject="Updated")
    uma.page.goto(link_in(told, "/review/"))
    uma.type_code()
    answer(uma)
    uma.go("/account/")
    uma.reads("You accepted version 2")


def is_handed_over(stack: Running, key: str, product: str, finn: Page) -> None:
    """Come from the product at another origin, and go back to it with the answer."""
    handed = api(stack, key, "POST", "/people/finn/hand-over", {"return_to": f"{product}/mixes?tab=2"})
    Product.hand_over = handed["url"]
    finn.goto(f"{product}/")
    finn.get_by_role("link", name="Read and answer").click()
    finn.get_by_role("button", name="Go on").click()
    finn.get_by_role("checkbox").check()
    finn.get_by_role("button", name=re.compile("^Accept ")).click()
    finn.wait_for_url(f"{product}/mixes?tab=2&policysite=agreed&act=*")
    said = documented()(urlsplit(finn.url).query, handed["return_key"])
    assert said is not None
    (act,) = api(stack, key, "GET", "/people/finn/acts")["items"]
    assert said["act"] == [act["reference"]]


def is_stopped_by_a_script(vera: Somebody, slug: str) -> None:
    """Be stopped by the gate through fetch, and go on once it is answered."""
    vera.go("/account/")
    vera.type_code()
    stopped = fetched(vera, GUARDED)
    assert (stopped["status"], stopped["type"]) == (403, "application/problem+json")
    assert [each["policy"] for each in stopped["body"]["policies"]] == [slug]
    vera.page.goto(stopped["body"]["accept_url"])
    answer(vera)
    assert fetched(vera, GUARDED)["status"] == 200


def choose(page: Page, name: str, value: str) -> None:
    """Choose in a list or among radio buttons."""
    options = page.locator(f"select[name={name}]")
    if options.count():
        options.select_option(value)
    else:
        page.locator(f"[name={name}][value={value}]").check()


def write_next(edith: AtTheDesk) -> None:
    """A material change of the text in force."""
    edith.follow("New version")
    edith.press_first()
    body = edith.page.locator("textarea[name$=-body]").first
    body.fill(body.input_value() + "\n\n## Mixes\n\nWe keep your mixes for two years after you leave.\n")
    choose(edith.page, "change_class", "material")
    edith.page.locator("[name=reasons][value=retention]").check()
    for name in ("written_reason", "what_changed", "why", "impact", "what_you_can_do"):
        edith.page.locator(f"[name={name}]").fill("Mixes stay two years, since people came back for them.")


def answer(somebody: Somebody) -> None:
    somebody.page.get_by_role("checkbox").check()
    somebody.page.get_by_role("button", name=re.compile("^Accept ")).click()
    somebody.reads("You accepted", "What was recorded")


def fetched(somebody: Somebody, path: str) -> Any:
    """What a script on a page of the site gets."""
    return somebody.page.evaluate(
        """async path => {
            const answer = await fetch(path);
            const type = answer.headers.get("content-type");
            return {status: answer.status, type, body: type.includes("json") ? await answer.json() : null};
        }""",
        path,
    )
