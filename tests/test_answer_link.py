"""Mails may lead to the organization's own product for an answer; what cannot stand in a mail is refused."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from policies.mail import answer_link
from policies.models import Policy
from policies.notices.write import messages
from tests import factories

OWN = "https://app.example.org/terms?of={policy}&v={version}"


@pytest.mark.parametrize(
    "address",
    ["", OWN, "https://app.example.org", "http://127.0.0.1:9000/{policy}", "http://localhost/", "http://[::1]:80/"],
)
def test_what_mails_may_lead_to(address: str) -> None:
    assert answer_link.checked(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "http://app.example.org/",
        "ftp://app.example.org/",
        "javascript:alert(1)",
        "app.example.org/terms",
        "https://",
        "https:///terms",
        "https://{policy}.example.org/",
        "https://uma@example.org/",
        "https://app.example.org/{person}",
        "https://app.example.org/{",
        "https://app.example.org/{{policy}}",
        "https://app.example.org/a b",
        "https://app.example.org/\r\nBcc: oscar@example.org",
        'https://app.example.org/"><b>',
        "https://app.example.org:port/",
        f"https://app.example.org/{'x' * 500}",
        "https://ärger.example/",
    ],
)
def test_what_mails_may_not_lead_to(address: str) -> None:
    with pytest.raises(answer_link.NotAnAddress):
        answer_link.checked(address)
    with pytest.raises(ValidationError) as refused:
        Policy(answer_at=address).clean_fields()
    assert "answer_at" in refused.value.message_dict


def test_places_are_filled_in_and_cannot_break_out() -> None:
    assert answer_link.filled(OWN, policy="terms", version="2.1") == "https://app.example.org/terms?of=terms&v=2.1"
    assert answer_link.filled(OWN, policy="a&b", version="{policy}").endswith("?of=a%26b&v=%7Bpolicy%7D")


@pytest.mark.django_db
def test_a_mail_leads_to_the_policys_own_page_else_to_the_sites_else_here(settings: Any) -> None:
    policy = factories.make_version(factories.make_policy(slug="terms")).policy
    version = factories.make_version(policy, acceptance="explicit", **factories.MATERIAL)

    def link() -> str:
        shown = messages.preview(version, "en")
        found = [line for line in shown.text.splitlines() if line.startswith("http")]
        assert found[0].replace("&", "&amp;") in shown.html
        return found[0]

    assert link() == "http://127.0.0.1:8000/review/terms/"
    settings.PEOPLE_ANSWER_AT = "https://app.example.org/answer"
    assert link() == "https://app.example.org/answer"
    Policy.objects.update(answer_at=OWN)  # free after publication, as other settings
    version.policy.refresh_from_db()
    assert link() == "https://app.example.org/terms?of=terms&v=2"
    version.acceptance = "none"
    assert link() == "http://127.0.0.1:8000/p/terms/compare/1...2/"
