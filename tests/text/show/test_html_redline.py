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
        "1. Retention\n------------\n\nWe keep logs for [-30-] {+60+} days. This sentence stays as it is.\n"
    )


def test_plain_text_shortens_what_stays() -> None:
    long = "word " * 200
    text = plain_redline.plain_text(redline(f"{long}for 30 days {long}\n", f"{long}for 60 days {long}\n"))
    assert len(text.split()) < 70
    assert "…" in text


ADDED_FIRST = OLD.replace("## 1. Retention", "## 1. Who we are\n\nA shop.\n\n## 2. Retention")
ADDED_FIRST = ADDED_FIRST.replace("## 2. Contact", "## 3. Contact").replace("## 3. Cookies", "## 4. Cookies")


@pytest.mark.parametrize("form", [plain_redline.plain_text, html_redline.mail_html, html_redline.changes_html])
def test_what_one_new_section_renumbers_is_one_sentence(form: Callable[[Redline], str]) -> None:
    shown = form(redline(OLD, ADDED_FIRST))
    assert shown.count("Later sections are renumbered.") == 1
    assert "Who we are" in shown
    assert not re.search(r"\[-|<del", shown)
    both = form(redline(OLD, ADDED_FIRST.replace("30 days", "60 days")))
    assert "2. Retention" in both
    assert "Write to us" not in both
    assert both.count("Later sections are renumbered.") == 1
    assert "renumbered" not in form(redline(OLD, OLD.replace("30", "60")))


def test_the_whole_text_marks_each_number_where_it_stands() -> None:
    shown = html_redline.inline_html(redline(OLD, ADDED_FIRST))
    assert "Later sections" not in shown
    assert re.search(r"<del>.*?1.*?</del>", shown)


def test_plain_text_begins_and_ends_with_a_sentence_where_one_is_near() -> None:
    before = "We say many things about many matters here. " * 9 + "They are kept for"
    after = "and then they are gone. " + "What else we do is said below in other words. " * 9
    shown = plain_redline.plain_text(redline(f"{before} 30 days {after}\n", f"{before} 60 days {after}\n"))
    words = " ".join(shown.split())
    assert re.search(r"… We say many things about many matters here\. (We say .*)?They are kept for \[-30-\]", words)
    assert re.search(r"are gone\. (What else .*?words\. )*…$", words) or words.endswith("words.")


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
