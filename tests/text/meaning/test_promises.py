import pytest

from policies.text.meaning import promises
from policies.text.meaning.promises import NoticePeriod


@pytest.mark.parametrize(
    ("text", "channels", "logic"),
    [
        (
            "We will e-mail you about changes or post a prominent notice on our website.",
            {"email", "site_notice"},
            "any",
        ),
        (
            "We will post the revised policy on this page and update the “Last updated” date.",
            {"post_page", "date_bump"},
            "all",
        ),
        ("We will notify you of changes through the application.", {"in_app"}, "all"),
        ("We will let you know of changes.", {"any_other"}, "all"),
        ("We may change this policy.", set(), "none"),
        ("Nous vous informerons de toute modification par courriel.", {"email"}, "all"),
        ("If you have questions about changes, contact us by e-mail.", set(), "none"),
    ],
)
def test_channels(text: str, channels: set[str], logic: str) -> None:
    found = promises.read_promise(text)
    assert set(found.channels) == channels
    assert found.channels_logic == logic


def test_notice_period_acceptance_and_weight() -> None:
    found = promises.read_promise(
        "We will notify you of material changes by email at least thirty (30) days before they take effect. "
        "Your continued use of the Service means that you accept them."
    )
    assert found.notice_period == NoticePeriod(30, "day")
    assert (found.prior_notice, found.applies_to, found.acceptance) == ("yes", "material", "continued_use")
    assert found.strength == "will"


def test_changes_at_once_promise_no_prior_notice() -> None:
    found = promises.read_promise("Changes to this policy are effective immediately upon posting.")
    assert (found.prior_notice, found.effective, found.channels) == ("no", "when_posted", ("post_page",))


def test_a_lost_list_is_unknown() -> None:
    found = promises.read_promise("When we make material changes, we will:\n\nYou must stop using the Service.")
    assert not found.channels_known
    assert found.channels == ()


def test_a_list_is_read_with_its_lead() -> None:
    found = promises.read_promise(
        "When we make changes, we will notify you:\n\n- by email\n- by a notice on our website"
    )
    assert found.channels_known
    assert set(found.channels) == {"email", "site_notice"}


def test_the_clause_is_found_by_heading_and_by_wording() -> None:
    breach = "# Privacy\n\nWe notify you of a breach within 72 hours by email.\n\n"
    headed = breach + "## 9. Changes to this policy\n\nWe will email you.\n"
    clause = promises.find_clause(headed)
    assert clause is not None
    assert (clause.heading, clause.anchor, clause.text) == (
        "Changes to this policy",
        "s-changes-to-this-policy",
        "We will email you.",
    )
    plain = (
        "We keep data.\n\nWe may update this policy from time to time and will e-mail you about it.\n\nOther words.\n"
    )
    clause = promises.find_clause(plain)
    assert clause is not None
    assert clause.line == 3
    assert promises.find_clause("We keep data.\n") is None


@pytest.mark.parametrize(
    ("text", "channels", "prior_notice"),
    [
        (
            "When we change this policy, we will revise the date at the top of this page.",
            {"post_page", "date_bump"},
            "no",
        ),
        ("We will update the date at the top of this page and e-mail you.", {"date_bump", "email"}, "unspecified"),
        ("We will e-mail you. Changes take effect when posted.", {"email"}, "no"),
        ("We will e-mail you. Changes take effect when posted unless otherwise stated.", {"email"}, "unspecified"),
        ("We will e-mail you 10 days before changes, unless otherwise stated.", {"email"}, "yes"),
    ],
)
def test_what_a_page_says_by_itself_and_when(text: str, channels: set[str], prior_notice: str) -> None:
    found = promises.read_promise(text)
    assert (set(found.channels), found.prior_notice) == (channels, prior_notice)
