import re
from collections.abc import Callable

import pytest

from policies.text.compare.redline import Redline, redline
from policies.text.meaning import facts
from policies.text.show import html_redline, plain_redline
from policies.text.structure import markdown

OLD = """## 1. Retention

We keep logs for 30 days. This sentence stays as it is.

## 2. Contact

Write to us.

## 3. Cookies

None.
"""
NEW = """## 1. Retention

We keep logs for **60 days**. This sentence stays as it is.

## 2. Sharing

We share nothing <b>ever</b>.

## 3. Contact

Write to us.
"""
FOUND = redline(OLD, NEW)
PAGES = (html_redline.inline_html, html_redline.side_by_side_html, html_redline.changes_html)


@pytest.mark.parametrize("page", PAGES)
def test_every_change_is_numbered_and_linked_to_its_neighbors(page: Callable[[Redline], str]) -> None:
    html = page(FOUND)
    ids = re.findall(r'id="(change-\d+)"', html)
    assert ids == [f"change-{n}" for n in range(1, len(ids) + 1)]
    assert len(ids) >= 3
    assert set(re.findall(r'href="#(change-\d+)"', html)) == set(ids)


@pytest.mark.parametrize("page", [*PAGES, html_redline.mail_html])
def test_redlines_are_safe_and_unstyled(page: Callable[[Redline], str]) -> None:
    html = page(FOUND)
    assert markdown.clean(html) == html
    assert "style=" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;ever" in html


@pytest.mark.parametrize("page", PAGES)
def test_insertions_and_deletions_are_said_in_words_too(page: Callable[[Redline], str]) -> None:
    html = page(FOUND)
    assert '<del><span class="visually-hidden">[deleted: </span>30<span class="visually-hidden">]</span></del>' in html
    assert '<ins><span class="visually-hidden">[inserted: </span><strong>60</strong>' in html


def test_mail_has_only_what_changed_and_no_hidden_words() -> None:
    html = html_redline.mail_html(FOUND)
    assert "<del>30</del>" in html
    assert "visually-hidden" not in html
    assert "change-" not in html
    assert "Write to us" not in html


def test_changes_only_folds_the_rest_to_headings() -> None:
    html = html_redline.changes_html(redline(OLD, OLD.replace("30 days", "60 days")))
    assert "Unchanged: Contact" in html
    assert "Write to us" not in html


def test_plain_text_reads_well() -> None:
    assert plain_redline.plain_text(redline(OLD, OLD.replace("30 days", "60 days"))) == (
        "Retention\n---------\n\nWe keep logs for [-30-] {+60+} days. This sentence stays as it is.\n"
    )


def test_plain_text_shortens_what_stays() -> None:
    long = "word " * 200
    text = plain_redline.plain_text(redline(f"{long}for 30 days {long}\n", f"{long}for 60 days {long}\n"))
    assert len(text.split()) < 70
    assert "…" in text


def test_changed_sections_are_named_with_their_anchors() -> None:
    assert [(s.title, s.anchor, s.kind) for s in html_redline.changed_sections(FOUND)] == [
        ("Retention", "s-retention", "changed"),
        ("Sharing", "s-sharing", "added"),
        ("Cookies", "", "removed"),
    ]


def test_the_summary_counts_what_is_shown() -> None:
    found = html_redline.summary(FOUND)
    assert (found.sections_changed, found.sections_added, found.sections_removed) == (1, 1, 1)
    assert (found.words_added, found.words_removed) == (9, 4)


def test_mark_up_alone_shows_nothing() -> None:
    found = redline("We keep logs.\n", "**We** keep\nlogs.\n")
    assert plain_redline.plain_text(found) == ""
    assert html_redline.changed_sections(found) == ()
    assert "<ins>" not in html_redline.inline_html(found)


@pytest.mark.parametrize("page", [*PAGES, html_redline.mail_html])
def test_a_link_that_leads_elsewhere_is_noted_and_no_fact(page: Callable[[Redline], str]) -> None:
    text = "Words.\n\nSee [our <partners>](https://a.example/?x=1&y=2) for more.\n"
    found = redline(text, text.replace("a.example", "b.example"))
    note = "Link “our &lt;partners&gt;” changed: https://a.example/?x=1&amp;y=2 → https://b.example/?x=1&amp;y=2"
    assert page(found).replace("</td><td>", "").count(note) == 1
    assert facts.facts(found) == ()
    assert "changed:" not in page(redline(text, text.replace("Words", "Others")))
