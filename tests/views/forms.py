"""The pages with a form that is sent by a button, and who meets each: a browser posts every one of them."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from lxml import html  # type: ignore[import-untyped]

from tests.whole_site import (
    World,
    by_code,
    halfway,
    held_back,
    in_another_browser_too,
    nobody,
    root,
    settled,
    waiting_for_a_code,
    waiting_for_a_persons_code,
    with_several_accounts,
)

Who = Callable[[World], Client]

PUBLIC: dict[str, Who] = dict.fromkeys(
    (
        "account_login",
        "account_request_login_code",
        "policies:sign_in",
        "policies:follow",
        "policies:follow in a language",
        "policies:confirm_following",
        "policies:stop_following",
        "policies:hand_over",
    ),
    nobody,
)
OF_ONES_OWN: dict[str, Who] = {
    "account_confirm_login_code": waiting_for_a_code,
    "policies:enter_code": waiting_for_a_persons_code,
    "policies:which_account": with_several_accounts,
    "mfa_authenticate": halfway,
    **dict.fromkeys(
        (
            "account_reauthenticate",
            "mfa_activate_totp",
            "mfa_activate_totp",
            "policies:my_notices",
            "policies:questions",
            "policies:questions_for",
            "policies:answer_for",
            "policies:answer",
            "policies:leave",
            "policies:account",
            "account_logout",
        ),
        by_code,
    ),
    "policies:sessions": in_another_browser_too,
    "policies:receipt": held_back,
    "policies:product": settled,
}
SECOND_FACTOR: dict[str, Who] = dict.fromkeys(
    ("mfa_reauthenticate", "mfa_generate_recovery_codes", "mfa_deactivate_totp"), root
)
# What ends something comes last: the pages before it are still there.
OF_VERSIONS = (
    *(
        "change",
        "submit",
        "review",
        "correct",
        "rebase",
        "tidy",
        "translate",
        "translation",
        "take_translation_back",
        "promise",
        "evidence",
        "test_mail",
        "start_from",
        "restore",
    ),
    *("check_deliverability", "postpone", "bring_forward", "publish", "withdraw", "discard"),
)
OF_NOTICES = ("pause", "resume", "pace", "correct", "send_again", "send_to", "cancel")
OF_POLICIES = (
    "add",
    "change",
    "new_version",
    "rename",
    "confirm",
    "import",
    "approve_terms",
    "take_back_terms",
    "terms",
    "retire",
    "delete_unpublished",
)
OF_LOOKS = ("add", "edit", "use", "again", "discard")
OF_WEBHOOKS = ("add", "edit", "secret", "on", "test", "again", "off")
DESK: dict[str, Who] = dict.fromkeys(
    (
        *(
            f"admin:policies_person_{verb}"
            for verb in ("import", "evidence", "claim", "waive", "end_waiver", "end_sessions")
        ),
        *(f"admin:policies_user_{verb}" for verb in ("add", "change", "end_sessions", "test_mail")),
        *(f"admin:policies_apikey_{verb}" for verb in ("add", "revoke")),
        *(f"admin:policies_webhookendpoint_{verb}" for verb in OF_WEBHOOKS),
        *(f"admin:policies_appearance_{verb}" for verb in OF_LOOKS),
        *(f"admin:policies_notice_{verb}" for verb in OF_NOTICES),
        *(f"admin:policies_version_{verb}" for verb in OF_VERSIONS),
        *(f"admin:policies_policy_{verb}" for verb in OF_POLICIES),
        "admin:policies_deletionrequest_close",
        "admin:index",
    ),
    root,
)
FORMS: dict[str, Who] = PUBLIC | OF_ONES_OWN | SECOND_FACTOR | DESK

BUTTON = ".//button[not(@type) or @type='submit'] | .//input[@type='submit']"


def forms_on(route: str, response: Any) -> list[html.HtmlElement]:
    """
    The forms of a page that a button posts.

    The banner and the desk's way out stand on many pages; they are looked at where they are alone.
    """
    if response.streaming or "text/html" not in response.headers.get("Content-Type", "") or not response.content:
        return []
    forms = html.fromstring(response.content.decode()).xpath("//form[translate(@method, 'POST', 'post') = 'post']")
    return [form for form in forms if form.xpath(BUTTON) and not _is_elsewhere(route, form)]


def _is_elsewhere(route: str, form: html.HtmlElement) -> bool:
    is_banner = form.get("action", "").startswith("/notices/")
    is_way_out = form.get("id") == "logout-form"
    return (is_banner and route != "policies:my_notices") or (is_way_out and route != "admin:index")
