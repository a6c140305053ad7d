"""
Vera follows by mail and stops by one click; Edith rehearses, sends a canary, pauses, resumes, meets the breaker and
reads one person's story; the product, on another origin, shows the notice to Uma.
"""

import http.server
import re
import threading
import urllib.request
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings

from policies import clock, publishing, tasks
from policies.models import Delivery, Follower, Notice, NoticeSeen, Person, Version
from policies.notices.on_site import host_tokens
from tests import factories
from tests import people as cast
from tests.browser import OpenPage
from tests.journeys.cast import Mailbox, Somebody, wait_for
from tests.notices.telling import people
from tests.services.deployment import Deployment
from tests.smtp_sink import Fault, Message, Sink

KEY = "shared by the product and this site, and by nobody else"


@pytest.fixture
def site(deployment: Deployment) -> str:
    deployment.settings |= {"HOST_KEY": KEY, "NOTICE_RATE_PER_MINUTE": "1200"}
    deployment.start_web()
    deployment.start_worker(beat=True)
    return deployment.url


@pytest.fixture
def product() -> Iterator[list[str]]:
    """A page of the organization's product on an origin of its own; the list takes its HTML and gives its address."""
    html: list[str] = []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html[0].encode() if self.path == "/" else b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    html += ["", f"http://localhost:{server.server_address[1]}/"]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield html
    server.shutdown()
    server.server_close()
    thread.join()


def publish_a_change(policy_version: Version) -> Version:
    draft = factories.make_approved(policy_version.policy, effective_at=factories.in_days(40))
    published = publishing.publish(version=draft, by=cast.edith(), at=clock.now())
    tasks.ring()
    return published


def state_is(state: str) -> bool:
    return Notice.objects.filter(stream="legal", state=state).exists()


def test_a_visitor_follows_and_stops_by_one_click(site: str, smtp_sink: Sink, open_page: OpenPage) -> None:
    first = factories.make_version()
    vera = Somebody("vera@example.org", open_page(), Mailbox(smtp_sink), site)
    page = vera.go(f"/p/{first.policy.slug}/follow/")
    page.get_by_label("Your e-mail address").fill(vera.address)
    page.get_by_role("button").click()
    asked = vera.mailbox.wait(vera.address, subject="Follow changes")
    link = re.search(r"http\S+/follow/confirm/\S+", str(asked.get_content()))
    assert link
    page.goto(link[0])
    page.get_by_role("button", name="Yes, tell me").click()
    page.get_by_role("heading", name="You follow").wait_for()
    publish_a_change(first)
    alert = vera.mailbox.wait(vera.address, subject="Updated")
    assert alert["Auto-Submitted"] == "auto-generated"
    assert ".alert." in alert["List-Id"]
    page.goto(stop := str(alert["List-Unsubscribe"]).strip("<>"))
    assert Follower.objects.filter(confirmed_at__isnull=False).exists()
    # RFC 8058, as it went over the wire: one line, however long the address of the site is.
    assert f"\r\nList-Unsubscribe: <{stop}>\r\n".encode() in sent_to([vera.address], smtp_sink)[-1].data
    urllib.request.urlopen(stop, data=b"List-Unsubscribe=One-Click", timeout=10).close()  # noqa: S310 - our own
    page.goto(stop)
    assert page.get_by_role("heading", name="No more mails").is_visible()
    assert not Follower.objects.exists()


def test_an_editor_rehearses_and_steers_a_notice(site: str, smtp_sink: Sink, open_page: OpenPage) -> None:
    told = people(40, name="")
    everybody = [person.address for person in told]
    draft = factories.make_approved(factories.make_version().policy, effective_at=factories.in_days(40))
    edith = cast.edith()
    editor = Somebody(edith.email, open_page(), Mailbox(smtp_sink), site)
    editor.sign_in()
    rehearse_and_publish(editor, draft, told[20])
    wait_for(lambda: state_is("paused"), what="the canary's pause")
    notice = Notice.objects.get(stream="legal")
    editor.go(f"/admin/policies/notice/{notice.pk}/change/")
    editor.reads("3 of 40 reached", "The canary is out")

    # Slowly, so that somebody can step in.
    Notice.objects.update(rate_per_minute=60)
    resume(editor)
    editor.page.get_by_role("link", name="Pause").click()
    editor.page.get_by_label("Reason").fill("The press office asks for an hour.")
    editor.press("Pause")
    editor.reads("Paused", "The press office asks for an hour.", "waiting")
    assert len(sent_to(everybody, smtp_sink)) < 40

    smtp_sink.misbehave(Fault(at="rcpt", reply="554 5.7.1 Blocked"))
    Notice.objects.update(rate_per_minute=1200)
    resume(editor)
    wait_for(lambda: state_is("paused"), what="the breaker's pause")
    editor.page.reload()
    editor.reads("Breaker")
    smtp_sink.misbehave()
    Delivery.objects.filter(state="queued").update(next_attempt_at=clock.now() - timedelta(seconds=1))
    resume(editor)
    wait_for(lambda: state_is("done"), what="everybody told")
    assert len(sent_to(everybody, smtp_sink)) == 40

    legal = sent_to([told[20].address], smtp_sink)[-1].mail
    assert (legal["Auto-Submitted"], legal["List-Unsubscribe"]) == ("auto-generated", None)
    assert [part.get_filename() for part in legal.iter_attachments()] == [f"{draft.policy.slug}-v2-en.html"]

    editor.page.get_by_role("searchbox").fill(told[20].address)
    editor.press("Search")
    editor.follow(str(told[20]))
    editor.reads("the mail server took it over", "Message-ID", "Bound from")


def rehearse_and_publish(editor: Somebody, draft: Version, somebody: Person) -> None:
    """The page to read before publishing: numbers, dates, one person's answer; then the button."""
    page = editor.go(f"/admin/policies/version/{draft.pk}/publish/")
    editor.reads(
        "Rehearsal: who is told",
        "Told by mail: 40",
        "1,200 mails per minute",
        "Who gets the mail first?",
        "Last person reached",
        "Earliest effective date that keeps the promise",
    )
    page.get_by_role("searchbox").fill(somebody.address)
    editor.press("Show")
    editor.reads("Would be told: mail to their own address.")
    page.go_back()
    page.get_by_label("A few first, then wait for me").check()
    page.get_by_label("How many first").fill("3")
    editor.press("Publish version 2 and tell 40 people")
    editor.reads("3 people are told first, then the notice waits for you")


def resume(editor: Somebody) -> None:
    editor.follow("Resume")
    editor.press("Resume")
    editor.reads("Resumed.")


def sent_to(addresses: list[str], sink: Sink) -> list[Message]:
    return [message for message in sink.messages if message.recipients[0] in addresses]


def test_the_product_shows_the_notice(
    site: str, product: list[str], open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "HOST_KEY", KEY)
    cast.uma()
    publish_a_change(factories.make_version())
    token = host_tokens.sign("uma", expires_at=clock.now() + timedelta(hours=1))
    product[0] = (
        '<!doctype html><title>Product</title><link rel="icon" href="data:,">'
        f'<script type="module" src="{site}/embed/notice.js" data-token="{token}"></script><p>Work</p>'
    )
    page = open_page()
    page.goto(product[1])
    page.get_by_text("“Privacy Policy” changes on").wait_for()
    wait_for(lambda: NoticeSeen.objects.filter(place="product").exists(), what="the sight on record")
    page.get_by_role("button", name="I have seen it").click()
    page.get_by_text("“Privacy Policy” changes on").wait_for(state="detached")
    assert not page.context.cookies()
