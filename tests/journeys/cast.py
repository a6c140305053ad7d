"""The cast in front of real browsers: what each of them does with pages and mail, and nothing else."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol, TypeVar

from playwright.sync_api import Page

T = TypeVar("T")
CODE = re.compile(r"^\s*([A-Z0-9]{4,}(?:-[A-Z0-9]{4,})?)\s*$", re.MULTILINE)


def wait_for(ask: Callable[[], T | None], *, what: str, seconds: float = 60) -> T:
    """Ask until there is an answer; fail with `what` was missing."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError(f"This did not happen within {seconds:.0f} s: {what}")


class Kept(Protocol):
    """A mail that a server took, and whom it was for."""

    @property
    def recipients(self) -> tuple[str, ...]: ...

    @property
    def mail(self) -> EmailMessage: ...


class Keeps(Protocol):
    """A mail server that keeps everything."""

    @property
    def messages(self) -> Sequence[Kept]: ...


@dataclass
class Mailbox:
    """The mail that reached people: everything the mail server took responsibility for."""

    sink: Keeps

    def to(self, address: str, *, subject: str = "") -> list[EmailMessage]:
        messages = [message for message in self.sink.messages if address in message.recipients]
        return [message.mail for message in messages if subject in str(message.mail["Subject"])]

    def wait(self, address: str, *, subject: str) -> EmailMessage:
        found = wait_for(lambda: self.to(address, subject=subject), what=f"a mail “{subject}” to {address}")
        return found[-1]


@dataclass
class Somebody:
    """One of the cast: an address, a browser of their own, and the mailbox."""

    address: str
    page: Page
    mailbox: Mailbox
    site: str

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.site}{path}")
        return self.page

    def sign_in(self) -> None:
        """By a code that is mailed, as everybody signs in."""
        self.go("/sign-in/login/code/")
        self.type_code()

    def type_code(self) -> None:
        """On a page that asks for an address: ask for a code, and type it."""
        before = len(self._codes())
        self.page.get_by_label("E-mail address").fill(self.address)
        self.page.get_by_role("button", name="Send me a code").click()
        mails = wait_for(lambda: self._codes()[before:], what="a mail with the code")
        body = mails[-1].get_body(("plain",))
        assert body is not None
        code = CODE.search(body.get_content())
        assert code, body.get_content()
        self.page.get_by_label("Code").fill(code[1])
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "sign-in" not in url)

    def _codes(self) -> list[EmailMessage]:
        """The mails with a code to sign in; the desk may be mailed something else meanwhile."""
        return self.mailbox.to(self.address, subject="Your code")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def press_first(self) -> None:
        """Press the one primary button of a page at the desk."""
        self.page.locator("button.desk-button--first").click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()

    def reads(self, *texts: str) -> None:
        """Fail unless the page shows each of the texts, once what was pressed has led there."""
        end = time.monotonic() + 10
        while not all(text in self._shown() for text in texts):
            if time.monotonic() > end:
                raise AssertionError(f"{texts} are not all on {self.page.url}:\n{self._shown()[:3000]}")
            self.page.wait_for_timeout(100)

    def _shown(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())


def link_in(mail: EmailMessage, part: str) -> str:
    """The first address in a mail's text that contains `part`."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(rf"http\S*{re.escape(part)}\S*", body.get_content())
    assert found, body.get_content()
    return found[0].rstrip(".,)>")
