"""The mailbox pages: what anybody sees there, and that they exist in the demo only."""

import importlib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import clear_url_caches
from pytest_django import Settings

from policysite import urls
from tests import people
from tests.browser import OpenPage
from tests.services.deployment import Deployment

HTML = "<h1>Hello Uma</h1><script>alert(1)</script>"


@pytest.fixture
def mailbox(settings: Settings, tmp_path: Path) -> Path:
    """An empty folder where the demo's mail server would keep its mails."""
    settings.VAR_DIR = tmp_path
    folder = tmp_path / "mailbox"
    folder.mkdir()
    return folder


@pytest.fixture
def production(settings: Settings) -> Iterator[None]:
    """The URLs as they are without the demo."""
    settings.DEMO = False
    importlib.reload(urls)
    clear_url_caches()
    yield
    settings.DEMO = True
    importlib.reload(urls)
    clear_url_caches()


def keep(folder: Path, name: str, *, to: str, subject: str = "Your code", html: str = "") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Northwind Audio <legal@example.org>", to, subject
    mail.set_content("The code is 4711.")
    if html:
        mail.add_alternative(html, subtype="html")
    (folder / name).write_bytes(bytes(mail))


def test_an_empty_mailbox_says_so(client: Client, db: None, settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    assert b"No mail yet" in client.get("/demo/mailbox/").content


def test_mails_are_listed_and_found_by_address(client: Client, db: None, mailbox: Path) -> None:
    keep(mailbox, "1.eml", to="Uma Berg <uma@example.org>", subject="For Uma")
    keep(mailbox, "2.eml", to="vera@example.org", subject="For Vera")
    everything = client.get("/demo/mailbox/").content.decode()
    assert "For Uma" in everything
    assert "For Vera" in everything
    found = client.get("/demo/mailbox/", {"to": "UMA@"}).content.decode()
    assert "For Uma" in found
    assert "For Vera" not in found


def test_the_page_says_that_it_is_the_demo(client: Client, db: None, mailbox: Path) -> None:
    assert b"<h1>Demo mailbox</h1>" in client.get("/demo/mailbox/").content


def test_a_mail_shows_its_text_and_its_html_in_a_sandbox(client: Client, db: None, mailbox: Path) -> None:
    keep(mailbox, "1.eml", to="uma@example.org", html=HTML)
    page = client.get("/demo/mailbox/1.eml/").content.decode()
    assert "The code is 4711." in page
    assert "Hello Uma" not in page.partition("<details>")[0]
    assert 'sandbox="allow-top-navigation-by-user-activation" src="/demo/mailbox/1.eml/html/"' in page


def test_the_html_has_a_policy_of_its_own_and_runs_nothing(client: Client, db: None, mailbox: Path) -> None:
    keep(mailbox, "1.eml", to="uma@example.org", html=HTML)
    response = client.get("/demo/mailbox/1.eml/html/")
    csp = response["Content-Security-Policy"]
    assert "default-src 'none'" in csp
    assert "sandbox allow-top-navigation-by-user-activation" in csp
    assert "script-src" not in csp
    assert "frame-ancestors 'self'" in csp
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_every_other_page_keeps_the_strict_policy(client: Client, db: None, mailbox: Path) -> None:
    assert "unsafe-inline" not in client.get("/demo/mailbox/")["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["2.eml", "..", "%2e%2e%2fsecret-key", "secret-key"])
def test_only_mails_are_shown(client: Client, db: None, mailbox: Path, name: str) -> None:
    (mailbox.parent / "secret-key").write_text("secret")
    keep(mailbox, "1.eml", to="uma@example.org")
    assert client.get(f"/demo/mailbox/{name}/").status_code == 404


def test_a_name_with_nul_in_it_is_turned_away(client: Client, db: None, mailbox: Path) -> None:
    keep(mailbox, "1.eml", to="uma@example.org")
    assert client.get("/demo/mailbox/1.eml%00/").status_code == 400


def test_a_mail_without_html_has_no_frame(client: Client, db: None, mailbox: Path) -> None:
    keep(mailbox, "1.eml", to="uma@example.org")
    assert b"<iframe" not in client.get("/demo/mailbox/1.eml/").content
    assert client.get("/demo/mailbox/1.eml/html/").status_code == 404


def test_oscar_reads_it_too_and_can_send_nothing(client: Client, db: None, mailbox: Path) -> None:
    client.force_login(people.oscar(), "allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/demo/mailbox/").status_code == 200
    assert client.post("/demo/mailbox/").status_code == 405


def test_only_the_newest_hundred_are_listed(client: Client, db: None, mailbox: Path) -> None:
    for number in range(101):
        keep(mailbox, f"{number}.eml", to="uma@example.org")
    page = client.get("/demo/mailbox/").content.decode()
    assert page.count("/demo/mailbox/") - page.count("?to=") < 110
    assert "Only the newest 100 are shown" in page


@pytest.mark.usefixtures("production")
def test_there_is_no_mailbox_in_production(client: Client, db: None, mailbox: Path) -> None:
    keep(mailbox, "1.eml", to="uma@example.org")
    for path in ("/demo/mailbox/", "/demo/mailbox/1.eml/", "/demo/mailbox/1.eml/html/"):
        assert client.get(path).status_code == 404


def test_a_real_browser_shows_a_mail_and_runs_nothing_of_it(
    deployment: Deployment, open_page: OpenPage, complaints: list[str]
) -> None:
    folder = deployment.folder / "mailbox"
    folder.mkdir()
    keep(folder, "1.eml", to="uma@example.org", html=f'{HTML}<a href="{deployment.url}/p/">Read</a>')
    deployment.start_web()
    page = open_page(base_url=deployment.url, viewport={"width": 320, "height": 640})
    violations = []
    for path in ("/", "/demo/mailbox/", "/demo/mailbox/1.eml/"):
        page.goto(path)
        violations += Axe().run(page).response["violations"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations == []
    page.frame_locator("iframe").get_by_role("link", name="Read").click()
    page.wait_for_url("**/p/")
    assert "Blocked script execution" in complaints.pop()
