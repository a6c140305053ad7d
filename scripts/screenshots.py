"""
Pictures of every page: `python -m scripts.screenshots` runs the demo with data of its own and takes them.

They go to `var/screenshots/`, as NAME-WIDTH-SCHEME.png, and the README's redline to `docs/redline.png`.
"""

import email
import os
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import policy
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from policysite.running import processes
from scripts import chromium

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "var" / "screenshots"
SIZES = {"1280": {"width": 1280, "height": 900}, "390": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
# Chromium takes no higher pictures on every machine.
HIGHEST = 12_000

PUBLIC = {
    "home": "/",
    "policy": "/p/studio-privacy/",
    "superseded": "/p/studio-privacy/v/1/",
    "upcoming": "/p/studio-privacy/v/3/",
    "history": "/p/studio-privacy/history/",
    "redline": "/p/account-terms/compare/2...3/",
    "redline-side": "/p/account-terms/compare/2...3/?view=side",
    "redline-changes": "/p/account-terms/compare/2...3/?view=changes",
    "as-of": "/p/studio-privacy/?as_of=2025-06-01",
    "missing-version": "/p/studio-privacy/v/99/",
    "not-found": "/nowhere/",
    "follow": "/p/studio-privacy/follow/",
    "sign-in": "/sign-in/login/code/",
    "mailbox": "/demo/mailbox/",
}
UMAS = {
    "questions": "/review/",
    "answer": "/review/account-terms/",
    "account": "/account/",
    "product": "/demo/product/",
    "leave": "/account/leave/",
}


@contextmanager
def demo() -> Iterator[tuple[str, Path]]:
    """The demo with new data on a free port: its URL and its folder."""
    with tempfile.TemporaryDirectory(prefix="policysite-") as name:
        folder, port = Path(name), processes.free_port()
        log = folder / "demo.log"
        environment = {**os.environ, "POLICYSITE_VAR": name}
        command = [sys.executable, "-m", "policysite", "demo", "--port", str(port)]
        process = processes.start(command, log=log, environment=environment, folder=ROOT)
        try:
            processes.wait_until(
                lambda: "policysite is ready" in log.read_text(), process=process, log=log, name="demo", within=120
            )
            yield f"http://127.0.0.1:{port}", folder
        finally:
            processes.ask(process)
            processes.collect(process, within=15)


class Camera:
    """Takes each page in every size and scheme, as one of the cast."""

    def __init__(self, browser: Browser, url: str, folder: Path) -> None:
        self.browser, self.url, self.folder = browser, url, folder

    def take(self, pages: dict[str, str], *, cookies: list[dict[str, object]] | None = None) -> None:
        for size, viewport in SIZES.items():
            for scheme in SCHEMES:
                with self.context(viewport=viewport, color_scheme=scheme) as context:
                    context.add_cookies(cookies or [])  # type: ignore[arg-type]
                    page = context.new_page()
                    for name, path in pages.items():
                        page.goto(path)
                        unroll(page, width=viewport["width"])
                        page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")
                        page.set_viewport_size(viewport)  # type: ignore[arg-type]

    @contextmanager
    def context(self, **options: object) -> Iterator[BrowserContext]:
        context = self.browser.new_context(base_url=self.url, **options)  # type: ignore[arg-type]
        yield context
        context.close()

    def sign_in(self, address: str) -> list[dict[str, object]]:
        """Sign in by the code that arrives by mail; the cookies that show it."""
        with self.context() as context:
            page = context.new_page()
            page.goto("/sign-in/login/code/")
            page.get_by_label(re.compile("mail", re.IGNORECASE)).fill(address)
            asked_at = time.time_ns()
            page.locator("main form button").first.click()
            page.locator("input[name=code]").fill(self.code_for(address, since=asked_at))
            page.locator("main form button").first.click()
            page.wait_for_url(lambda url: "sign-in" not in url)
            return [dict(cookie) for cookie in context.cookies()]

    def code_for(self, address: str, *, since: int) -> str:
        for _ in range(100):
            for path in sorted((self.folder / "mailbox").glob("[0-9]*.eml"), reverse=True):
                message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
                body = message.get_body(("plain",))
                found = re.search(
                    r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", body.get_content() if body else "", re.MULTILINE
                )
                if int(path.name.split("-")[0]) > since and address in str(message["To"]) and found:
                    return found[1]
            time.sleep(0.1)
        raise SystemExit(f"No code arrived for {address}.")


def unroll(page: Page, *, width: int) -> None:
    """Make the window as high as the page: frames are loaded and painted only where they can be seen."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(height, HIGHEST)})
    for frame in page.locator("iframe").all():
        frame.content_frame.locator("body").wait_for()
    page.wait_for_load_state("networkidle")


def readme_picture(camera: Camera) -> None:
    """A redline from its first change on, for the README."""
    with camera.context(viewport={"width": 1080, "height": 900}, color_scheme="light") as context:
        page = context.new_page()
        page.goto(PUBLIC["redline-changes"])
        top = page.locator("#change-1").evaluate("part => part.getBoundingClientRect().top + scrollY")
        clip = {"x": 0, "y": top - 40, "width": 700, "height": 720}
        page.screenshot(path=ROOT / "docs" / "redline.png", full_page=True, clip=clip)  # type: ignore[arg-type]


def desk(folder: Path) -> dict[str, str]:
    """Edith's pages: the lists, and a draft of hers."""
    return {
        "desk": "/admin/",
        "desk-policies": "/admin/policies/policy/",
        "desk-versions": "/admin/policies/version/",
        "desk-draft": f"/admin/policies/version/{version_with(folder, 'draft')}/change/",
    }


def take_approval(camera: Camera, folder: Path) -> None:
    """Ravi's pages: what is in review, and, when he has approved it, the page on which it is published."""
    version, cookies = version_with(folder, "in_review"), camera.sign_in("ravi@example.org")
    camera.take({"desk-review": f"/admin/policies/version/{version}/review/"} | notices(folder), cookies=cookies)
    with camera.context() as context:
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"/admin/policies/version/{version}/review/")
        page.locator("button[name=approve]").click()
    pages = {name: f"/admin/policies/version/{version}/{name}/" for name in ("publish", "rehearsal", "rehearsed")}
    camera.take(pages, cookies=cookies)


def notices(folder: Path) -> dict[str, str]:
    """The notice that is being sent, where the desk shows notices, and the story of somebody it reached first."""
    sending = ask(folder, "SELECT id FROM policies_notice WHERE stream = 'legal' ORDER BY id DESC LIMIT 1")
    told = (
        "SELECT recipient_id FROM policies_delivery WHERE notice_id = ? AND written_at IS NOT NULL ORDER BY id LIMIT 1"
    )
    notice = f"/admin/policies/notice/{sending}"
    return {
        "notice": f"{notice}/change/",
        "notice-people": f"{notice}/people/",
        "notice-story": f"{notice}/people/{ask(folder, told, str(sending))}/",
    }


def version_with(folder: Path, status: str) -> int:
    return ask(folder, "SELECT id FROM policies_version WHERE status = ? ORDER BY id LIMIT 1", status)


def ask(folder: Path, query: str, *values: str) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'policysite.sqlite3'}?mode=ro", uri=True)) as database:
        (found,) = database.execute(query, values).fetchone()
        return int(found)


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = chromium.find()
    if not path:
        print(chromium.HELP, file=sys.stderr)
        return 1
    with demo() as (url, folder), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.launch_arguments())
        camera = Camera(browser, url, folder)
        camera.take(PUBLIC)
        readme_picture(camera)
        camera.take(UMAS, cookies=camera.sign_in("uma@example.org"))
        camera.take(desk(folder), cookies=camera.sign_in("edith@example.org"))
        take_approval(camera, folder)
        browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
