"""A heading reworded a little keeps its anchor; anything else gets one of its own."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from policies.text.structure import anchors, markdown

BEFORE = "## How long we keep it\n\nA year.\n\n## Your rights\n\nMany.\n"


TAG = re.compile(r"<[^<>]*>")


def anchors_after(text: str) -> list[str]:
    headings = [(heading.text, heading.anchor) for heading in markdown.render(BEFORE).contents]
    return [heading.anchor for heading in markdown.render(text, before=headings).contents]


def test_a_small_rewording_keeps_the_anchor() -> None:
    reworded = BEFORE.replace("How long we keep it", "How long we keep your data")
    assert anchors_after(reworded) == ["s-how-long-we-keep-it", "s-your-rights"]


def test_another_heading_does_not() -> None:
    assert anchors_after(BEFORE.replace("How long we keep it", "Whom we tell"))[0] == "s-whom-we-tell"


def test_a_heading_that_stays_is_not_robbed_by_a_similar_new_one() -> None:
    added = BEFORE + "\n## How long we keep it safe\n\nAlways.\n"
    assert anchors_after(added) == ["s-how-long-we-keep-it", "s-your-rights", "s-how-long-we-keep-it-safe"]


def test_an_old_anchor_is_given_once_to_the_heading_most_like_it() -> None:
    own = [("How long we keep your data", "s-a"), ("How long we keep it now", "s-b")]
    assert anchors.inherited(own, [("How long we keep it", "s-old")]) == {"s-b": "s-old"}


@given(st.lists(st.text(max_size=12), max_size=6), st.lists(st.text(max_size=12), max_size=6))
def test_anchors_stay_unique(old: list[str], new: list[str]) -> None:
    before = [(words, f"s-{number}") for number, words in enumerate(old)]
    text = "\n\n".join(f"## {words}" for words in new)
    given_out = [heading.anchor for heading in markdown.render(text, before=before).contents]
    assert len(set(given_out)) == len(given_out)


def test_texts_on_one_page_are_kept_apart() -> None:
    text = (
        "## Contact\n\n[Write](#s-contact 'an id=') or see [them](https://example.org/#s-contact).[^1]\n\n[^1]: Soon.\n"
    )
    html = markdown.render(text).html
    parted = anchors.apart(html, "terms")
    for part in ('id="s-contact.terms"', 'id="fnref1.terms"', 'id="fn1.terms"', 'title="an id="'):
        assert part in parted
    assert re.findall(r'href="([^"]*)"', parted) == [
        "#s-contact.terms",
        "https://example.org/#s-contact",
        "#fn1.terms",
        "#fnref1.terms",
    ]
    assert parted.replace(".terms", "") == html


@given(st.text())
@example("\n=")
def test_words_that_look_like_an_id_are_left_alone(words: str) -> None:
    text = f'Say `<a id="x" href="#y">` or id="z" {words}\n'
    html = markdown.render(text).html
    # Whatever the words make of the line, a heading or a list, what is read stays the same.
    assert TAG.sub("", anchors.apart(html, "terms")) == TAG.sub("", html)
