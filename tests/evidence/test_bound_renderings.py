"""What readers see, altered behind the guards: nobody is shown it, and it is named."""

import hashlib
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from policies import clock, evidence, ledger, publishing, rendering
from policies.models import Act, BoundRendering, Comparison, LedgerLeaf, Rendering, Version, VersionText
from tests import earlier, factories, people
from tests.acceptance.asking import NOW
from tests.evidence import world
from tests.evidence.test_whose_answer import checked

pytestmark = [pytest.mark.both_databases]
FORGED = "<p>We sell your data.</p>"


def page_of(number: int) -> Any:
    return Rendering.objects.filter(text__version__number=number, text__language="en")


def codes() -> set[str]:
    return {finding.code for finding in evidence.verify().findings}


def statement(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["rendering", "comparison", "boundrendering"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET renderer = 'x'", "DELETE FROM {}"])
def test_the_database_keeps_what_readers_see(table: str, sql: str) -> None:
    world.publish(policy := factories.make_policy(), factories.BODY, at=world.START)
    world.publish(policy, factories.NEXT_BODY, at=world.START + world.DAY)
    with pytest.raises(IntegrityError, match=f"keeps policies_{table} for ever"), transaction.atomic():
        statement(sql.format(f"policies_{table}"))


@pytest.mark.django_db
def test_a_drafts_pages_go_with_the_draft() -> None:
    draft = factories.make_approved()
    Rendering.objects.filter(text__version=draft).update(html=FORGED)
    assert Rendering.objects.filter(text__version=draft).delete()[0] == 1


@pytest.mark.django_db
def test_what_was_altered_between_approval_and_publication_is_not_published() -> None:
    draft = factories.make_approved()
    Rendering.objects.filter(text__version=draft).update(html=FORGED)
    version = publishing.publish(version=draft, by=people.edith(), at=draft.edited_at)
    assert FORGED not in rendering.rendering_of(version.text_in("en")).html
    assert "sell" not in page_of(1).get().html
    assert not codes() & {"rendering-changed", "rendering-unlisted", "rendering-missing"}


@pytest.mark.django_db
def test_an_altered_page_is_made_anew_for_readers_and_named(caplog: pytest.LogCaptureFixture) -> None:
    somebody = world.build()[0]
    with world.behind_the_guards():
        page_of(1).update(html=FORGED)
        Comparison.objects.filter(after__language="en").update(inline_html=FORGED)
    with caplog.at_level(logging.ERROR):
        page = Client().get("/p/terms/v/1/").content.decode()
        compared = Client().get("/p/terms/compare/1...2/").content.decode()
    assert ("sell" in page + compared, "one year after you leave" in page) == (False, True)
    assert sum("is not what was published" in line for line in caplog.messages) == 2
    assert codes() == {"rendering-changed"}
    assert checked(somebody)[0] == []


@pytest.mark.django_db
def test_a_pack_with_a_page_that_nobody_published_does_not_pass() -> None:
    somebody = world.build()[0]
    with world.behind_the_guards():
        page_of(1).update(html=FORGED)
        forged = rendering.parts_of(page_of(1).get())
        bound = BoundRendering.objects.filter(text__version__number=1, text__language="en")
        bound.update(parts=forged, sha256=forged["html"])
    assert codes() == {"rendering-changed", "act-changed"}
    problems = checked(somebody)[0]
    assert "01-terms-v1.en.html: it is not what was published" in problems


@pytest.mark.django_db
def test_a_page_that_cannot_be_made_anew_is_not_shown() -> None:
    somebody = world.build()[0]
    with world.behind_the_guards():
        page_of(1).update(html=FORGED)
        VersionText.objects.filter(version__number=1, language="en").update(body="We sell your data.\n")
    for address in ("/p/terms/v/1/", "/p/terms/v/1.md", "/p/terms/v/1.txt", "/p/terms/v/1.json"):
        answer = Client().get(address)
        assert (answer.status_code, b"sell" in answer.content) == (503, False), address
    assert "This page cannot be shown" in Client().get("/p/terms/v/1/").content.decode()
    problem = Client().get("/api/v1/policies/terms/versions/1")
    assert (problem.status_code, problem.json()["type"][-16:]) == (503, "not-as-published")
    assert {"text-changed", "rendering-changed"} <= codes()
    assert any("what readers saw is missing" in problem for problem in checked(somebody)[0])


@pytest.mark.django_db
def test_a_text_altered_before_its_renderer_is_replaced_gets_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    world.build()
    with world.behind_the_guards():
        VersionText.objects.filter(version__number=1, language="en").update(body=FORGED, sha256=sha256(FORGED))
    monkeypatch.setattr(rendering, "RENDERER", "newer")
    assert rendering.bind_anew(at=NOW) == 2
    assert not BoundRendering.objects.filter(text__version__number=1, renderer="newer").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (
            lambda: BoundRendering.objects.update(sha256=sha256(FORGED), parts={"html": sha256(FORGED)}),
            "rendering-changed",
        ),
        (lambda: BoundRendering.objects.filter(before__isnull=False)._raw_delete("default"), "rendering-changed"),
        (lambda: invent(page_of(1).get()), "rendering-unlisted"),
        (lambda: LedgerLeaf.objects.filter(kind="rendering")._raw_delete("default"), "rendering-unlisted"),
    ],
)
def test_whoever_alters_what_binds_pages_is_found(forge: Callable[[], Any], code: str) -> None:
    world.build()
    with world.behind_the_guards():
        page_of(1).update(html=FORGED)
        Act.objects.filter(rendering__isnull=False, kind="declined").update(rendering=None)
        forge()
    assert {code, "act-changed"} <= codes()


def invent(page: Rendering) -> None:
    """Another page of a text, by another renderer."""
    page.pk, page.renderer, page.html = None, "zzz", FORGED
    page.save(force_insert=True)


@pytest.mark.django_db
def test_a_newer_renderer_adds_pages_and_the_old_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = world.build()[0]
    before = BoundRendering.objects.count()
    monkeypatch.setattr(rendering, "RENDERER", "newer")
    assert (rendering.bind_anew(at=NOW), rendering.bind_anew(at=NOW)) == (3, 0)
    ledger.seal(at=NOW)
    assert BoundRendering.objects.count() == 2 * before == LedgerLeaf.objects.filter(kind="rendering").count()
    assert (codes(), checked(somebody)[0]) == (set(), [])


@pytest.mark.django_db
def test_a_comparison_that_nobody_published_says_so() -> None:
    policy = factories.make_policy(slug="terms")
    for number in range(3):
        world.publish(policy, f"{factories.BODY}\n{number}\n", at=world.START + number * world.DAY)
    said = "This comparison was made for this page"
    assert said not in Client().get("/p/terms/compare/1...2/").content.decode()
    assert said in Client().get("/p/terms/compare/1...3/").content.decode()
    pair = {"before": 1, "after": 3}
    assert Client().get("/api/v1/policies/terms/redline", pair).json()["recorded"] is False


@pytest.mark.django_db
def test_an_act_binds_the_page_that_was_on_the_screen() -> None:
    somebody = world.build()[0]
    act = Act.objects.of(somebody).filter(kind="agreed")[0]
    assert act.rendering
    assert act.rendering.sha256 == sha256(page_of(act.version.number or 0).get().html)
    other = BoundRendering.objects.exclude(pk=act.rendering.pk)[0]
    with world.behind_the_guards():
        Act.objects.filter(pk=act.pk).update(rendering=other)
    assert codes() == {"act-changed"}
    assert any("the log does not have it" in problem for problem in checked(somebody)[0])


def sha256(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def test_migrate_binds_what_is_stored(fresh_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.sealing_as_before(monkeypatch):
        somebody = world.build()[0]
    factories.make_approved(at=NOW)
    world.bind_no_pages()
    world.unseal(without=("terms", "rendering"))
    earlier.before("0012")
    call_command("migrate", verbosity=0)
    ledger.seal_all(at=clock.now())
    assert (codes(), BoundRendering.objects.count()) == (set(), 11)
    problems, remarks = checked(somebody)
    assert (problems, "2 events are of an older binding" in remarks[-1]) == ([], True)
    assert Client().get("/p/terms/v/1/").status_code == 200
    assert Version.objects.filter(status="approved").count() == 0  # sealed before 0009: approved once more
