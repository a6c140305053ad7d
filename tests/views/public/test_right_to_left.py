"""Texts that run from right to left: each says its language and its way, wherever it is shown."""

import re

import pytest
from django.test import Client

from policies import rendering
from policies.models import Version
from policies.notices.write import messages
from tests import factories, people
from tests.acceptance.asking import asking_policy, asking_version
from tests.factories import days_ago, make_policy, make_version

ARABIC = """# سياسة الخصوصية

## البيانات التي نجمعها

نحتفظ ببياناتك لمدة **سنة واحدة**.

## مع من نشاركها

| الشركة | الغرض |
|---|---|
| Acme GmbH | استضافة |

## حقوقك

يمكنك الاعتراض في أي وقت: privacy@example.org.
"""
NEXT_ARABIC = ARABIC.replace("سنة واحدة", "سنتين")
ENGLISH_WORDS = re.compile(r"<html lang=\"en\" dir=\"ltr\"")

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions() -> list[Version]:
    """Two versions of a policy in Arabic, with a text in Hebrew beside the second."""
    policy = make_policy(slug="privacy", title="سياسة الخصوصية", language="ar")
    first = make_version(policy, title="سياسة الخصوصية", body=ARABIC, published_at=days_ago(90))
    second = make_version(
        policy, title="سياسة الخصوصية", body=NEXT_ARABIC, based_on=first, published_at=days_ago(9),
        effective_at=days_ago(1), translations={"he": "# פרטיות\n\nאנו שומרים את הנתונים שנתיים.\n"},
        what_changed="نحتفظ ببياناتك لمدة سنتين.",
    )  # fmt: skip
    return [first, second]


def shown(path: str) -> str:
    page = Client().get(path)
    assert page.status_code == 200, path
    return page.content.decode()


def tags_with(words: str, page: str) -> list[str]:
    """The tags in which some words stand, the innermost first."""
    before = page[: page.index(words)]
    open_tags: list[str] = []
    for closing, name, rest in re.findall(r"<(/?)(\w+)([^>]*)>", before):
        if closing and open_tags:
            while open_tags and not open_tags.pop().startswith(name):
                pass
        elif not closing and name not in {"meta", "link", "br", "hr", "img", "input", "path"}:
            open_tags.append(name + rest)
    return open_tags[::-1]


def way_of(words: str, page: str) -> str:
    """The language and the way of the nearest element that says so."""
    return next(
        tag[tag.index("lang=") :].split(">")[0] for tag in tags_with(words, page) if "dir=" in tag and "lang=" in tag
    )


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/p/privacy/", "نحتفظ ببياناتك لمدة"),
        ("/p/privacy/v/1/", "نحتفظ ببياناتك لمدة"),
        ("/p/privacy/compare/1...2/", "نحتفظ ببياناتك لمدة"),
        ("/p/privacy/history/", "نحتفظ ببياناتك لمدة سنتين"),
        ("/", "سياسة الخصوصية"),
        ("/p/privacy/v/1/", "سياسة الخصوصية</a></li>"),
    ],
)
def test_a_text_says_which_way_it_runs(versions: list[Version], path: str, words: str) -> None:
    page = shown(path)
    assert ENGLISH_WORDS.search(page)
    assert re.match(r'lang="ar" dir="rtl"', way_of(words, page)), way_of(words, page)


def test_each_language_in_its_own(versions: list[Version]) -> None:
    page = shown("/p/privacy/he/")
    assert '<h1 itemprop="name" lang="he" dir="rtl">' in page
    assert 'lang="he" dir="rtl" hreflang="he" aria-current="true">עברית</a>' in page
    assert 'lang="ar" dir="rtl" hreflang="ar">العربية</a>' in page


def test_a_printed_text_and_a_mail_run_as_it_does(versions: list[Version]) -> None:
    text = versions[1].texts.get(language="ar")
    assert '<html lang="ar" dir="rtl">' in rendering.alone(text, rendering.rendering_of(text))
    mail = messages.preview(versions[1], "ar")
    assert '<html lang="en" dir="ltr">' in mail.html
    assert re.match(r'lang="ar" dir="rtl"', way_of("سنتين", mail.html))


def test_whoever_answers_reads_it_as_it_runs(client: Client) -> None:
    version = asking_version(
        asking_policy(slug="terms", language="ar"), body=ARABIC, effective_at=days_ago(1), published_at=days_ago(9)
    )
    client.force_login(people.uma())
    page = client.get(f"/review/{version.policy.slug}/").content.decode()
    assert re.match(r'lang="ar" dir="rtl"', way_of("نحتفظ ببياناتك", page))


@pytest.mark.parametrize(("typed", "is_there"), [("PT-br", True), ("ar", True), ("de_AT", False), ("", False)])
def test_a_draft_gets_a_text_in_any_language(typed: str, is_there: bool) -> None:
    draft = factories.make_draft(body=factories.BODY)
    edith = people.signed_in(people.edith())
    page = edith.get(f"/admin/policies/version/{draft.pk}/change/", {"language": typed}).content.decode()
    assert page.count('name="languages"') == (2 if is_there else 1)
    assert ("“de_AT” is no tag of a language" in page) == (typed == "de_AT")
    assert '<option value="ar" label="Arabic">' in page


def test_the_desk_writes_it_as_it_runs(versions: list[Version]) -> None:
    draft = factories.make_draft(versions[0].policy, body=NEXT_ARABIC)
    page = people.signed_in(people.edith()).get(f"/admin/policies/version/{draft.pk}/change/").content.decode()
    assert re.search(r'<textarea[^>]*lang="ar"[^>]*dir="rtl"', page)


def test_a_redline_in_a_language_that_is_not_there_says_so(versions: list[Version]) -> None:
    page = shown("/p/privacy/fr/compare/1...2/")
    assert "Cette version n’existe pas en français. Voici le texte qui fait foi." in page
    assert "n’existe pas" not in shown("/p/privacy/compare/1...2/")
