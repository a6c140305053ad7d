"""What a name may hold: letters of any writing, and nothing that nobody sees."""

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from policies.models import ApiKey, Follower, Person, Policy, User, VersionText, WebhookEndpoint
from policies.models.fields import validate_single_line

UNSEEN = {
    "a line break": "Uma\nBcc: x",
    "a control character": "Uma\x07",
    "a terminal's escape": "Uma\x9b31m",
    "what turns the direction": "Uma \u202egreB",
    "what isolates a direction": "Uma \u2066Berg\u2069",
    "a mark of direction": "Uma\u200f",
    "an Arabic mark": "Uma\u061c",
    "a zero-width space": "Um\u200ba",
    "a byte order mark": "\ufeffUma",
    "a soft hyphen": "Um\u00ada",
    "a separator of lines": "Uma\u2028Berg",
    "a tag": "Uma\U000e0041",
    "half a character": "Uma\ud800",
}


@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)
def test_what_nobody_sees_is_refused_and_named(name: str) -> None:
    with pytest.raises(ValidationError, match=r"\(U\+[0-9A-F]{4,5}\)"):
        validate_single_line(name)


@pytest.mark.parametrize(
    "name", ["Uma Berg", "Øyvind Æ.", "李小龍", "מאיה", "علی\u200cرضا", "O’Neill-Ødegård", "👩\u200d💻 GmbH"]
)
def test_names_of_all_writings_are_names(name: str) -> None:
    validate_single_line(name)


def test_every_name_title_and_address_of_ours_is_looked_at() -> None:
    looked_at = {
        (model.__name__, field.name)
        for model in (ApiKey, Follower, Person, Policy, User, VersionText, WebhookEndpoint)
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField) and validate_single_line in field.validators
    }
    assert looked_at >= {
        ("Person", "name"),
        ("Person", "external_id"),
        ("Person", "address"),
        ("User", "name"),
        ("User", "email"),
        ("Follower", "address"),
        ("Policy", "title"),
        ("VersionText", "title"),
    }
