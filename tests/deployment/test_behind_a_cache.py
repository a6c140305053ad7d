"""Public pages behind a real nginx that keeps them, configured as the manual says."""

import gzip
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import brotli
import pytest
from backports import zstd
from pytest_django import Settings

from policies import clock
from policies.models import Policy
from policies.operations import purging
from policysite.running import processes, supervisor
from tests import factories
from tests.services.deployment import Deployment
from tests.services.proxy import Proxy, missing

UNPACK = {"br": brotli.decompress, "zstd": zstd.decompress, "gzip": gzip.decompress}
# Longer than a process of the site takes to see a change.
FORESEEN = timedelta(seconds=9)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def came(self) -> str:
        """HIT where nginx had it."""
        return self.headers["x-cache"]


@pytest.fixture
def policy(deployment: Deployment) -> Policy:
    """On the database of the deployment."""
    policy = factories.make_policy(slug="terms")
    factories.make_version(policy, effective_at=factories.days_ago(9))
    return policy


@pytest.fixture
def cache(deployment: Deployment, policy: Policy, tmp_path: Path) -> Iterator[Proxy]:
    if why := missing("nginx"):
        pytest.skip(why)
    ports = {"port": processes.free_port(), "purging": processes.free_port()}
    cache = Proxy("nginx", tmp_path, upstream=deployment.port, **ports)
    (tmp_path / "cache").mkdir()
    deployment.settings |= {"SITE_URL": cache.url, "TRUSTED_PROXIES": "1"}
    command = [*map(str, supervisor.WEB), "--port", str(deployment.port), "policysite.wsgi:application"]
    web = deployment.start("web", command)
    deployment.wait_for(web, name="web", is_ready=lambda: processes.answers(deployment.port))
    process = cache.start()
    yield cache
    processes.stop(process)


def test_what_it_keeps_is_what_the_site_says(cache: Proxy, policy: Policy, settings: Settings) -> None:
    """One after the other behind one nginx: starting all of it is dear."""
    path = f"/p/{policy.slug}/"
    it_is_asked_once_and_answers_who_has_the_page(cache, path)
    each_packing_is_the_same_page(cache, path)
    only_pages_in_their_readers_language_are_kept_by_it(cache, path)
    whoever_is_signed_in_is_answered_by_the_site(cache, path)
    a_version_takes_effect_at_its_instant(cache, policy)
    what_nobody_foresaw_is_there_after_a_word(cache, policy, settings)


def it_is_asked_once_and_answers_who_has_the_page(cache: Proxy, path: str) -> None:
    first, second = ask(cache, path), ask(cache, path)
    assert (first.came, second.came) == ("MISS", "HIT")
    assert second.body == first.body
    for etag in (first.headers["etag"], f"W/{first.headers['etag']}"):
        unchanged = ask(cache, path, If_None_Match=etag)
        assert (unchanged.status, unchanged.came, unchanged.body) == (304, "HIT", b"")


def each_packing_is_the_same_page(cache: Proxy, path: str) -> None:
    plain = ask(cache, path)
    for encoding, unpack in UNPACK.items():
        for came in ("MISS", "HIT"):
            packed = ask(cache, path, Accept_Encoding=encoding)
            assert (packed.came, packed.headers["content-encoding"]) == (came, encoding)
            assert unpack(packed.body) == plain.body
        had = ask(cache, path, Accept_Encoding=encoding, If_None_Match=packed.headers["etag"])
        assert (had.status, had.came) == (304, "HIT")


def only_pages_in_their_readers_language_are_kept_by_it(cache: Proxy, path: str) -> None:
    english, german = (ask(cache, "/", Accept_Language=tag) for tag in ("en", "de"))
    assert english.body != german.body
    for tag, first in (("en", english), ("de", german)):
        again = ask(cache, "/", Accept_Language=tag)
        assert (again.came, again.body) == ("HIT", first.body)
    assert ask(cache, path, Accept_Language="de").came == "HIT"


def whoever_is_signed_in_is_answered_by_the_site(cache: Proxy, path: str) -> None:
    assert ask(cache, path, Cookie="__Host-session=" + "e" * 32).came == "BYPASS"


def a_version_takes_effect_at_its_instant(cache: Proxy, policy: Policy) -> None:
    path, instant = f"/p/{policy.slug}/v/1/", clock.now() + FORESEEN
    factories.make_version(policy, effective_at=instant)
    the_site_sees(cache, path)
    let_go(cache)
    hits, is_superseded = 0, False
    while not is_superseded:
        asked_at = clock.now()
        answer = ask(cache, path)
        is_superseded = b"Superseded" in answer.body
        assert is_superseded or asked_at < instant, f"a page of before was shown after it took effect: {answer.came}"
        assert not is_superseded or clock.now() >= instant
        hits += answer.came == "HIT"
    assert hits


def what_nobody_foresaw_is_there_after_a_word(cache: Proxy, policy: Policy, settings: Settings) -> None:
    path, later = f"/p/{policy.slug}/", f"/p/{policy.slug}/v/3/"
    ask(cache, path)
    assert ask(cache, path).came == "HIT"
    factories.make_version(policy, effective_at=clock.now() + timedelta(days=9))
    assert later.encode() not in ask(cache, path).body
    settings.CACHE_PURGE_URL = f"http://127.0.0.1:{cache.purging}/let-go"
    the_site_sees(cache, path)
    assert purging.Purger().purge_due()
    assert later.encode() in ask(cache, path).body
    # With nothing to delete, too.
    let_go(cache)
    let_go(cache)


def the_site_sees(cache: Proxy, path: str) -> None:
    """Others would within a second; for whoever is signed in it looks at once."""
    whoever_is_signed_in_is_answered_by_the_site(cache, path)


def let_go(cache: Proxy) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{cache.purging}/let-go", method="POST", data=purging.BODY)
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - nginx on this machine
        assert answer.status == 204


def ask(cache: Proxy, path: str, **headers: str) -> Answer:
    context = ssl.create_default_context(cafile=cache.folder / "authority.pem")
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"{cache.url}{path}", headers=given)  # noqa: S310 - nginx on this machine
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:  # noqa: S310
            return Answer(answer.status, {n.lower(): v for n, v in answer.headers.items()}, answer.read())
    except urllib.error.HTTPError as answer:
        return Answer(answer.code, {n.lower(): v for n, v in answer.headers.items()}, answer.read())
