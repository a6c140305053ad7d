"""
Every address of the site, and what it asks of whoever comes: one table, which a new address has to enter.

Asked are a visitor, and somebody who signed in by a code that was mailed to them and has no role: by GET and POST.
"""

from typing import Any

import pytest
from django.test import Client

from tests.whole_site import Route, World, by_code, nobody, routes

pytestmark = pytest.mark.django_db

STANDARD = ("changelist", "add", "history", "delete", "change")
# By model: what its pages do beside Django's own.
DESK = {
    "policies_apikey": "revoke",
    "policies_appearance": "edit use again discard page mail sheet logo",
    "policies_auditevent": "",
    "policies_deletionrequest": "close",
    "policies_notice": "pause resume cancel correct send_again send_to pace export people person mail",
    "policies_person": "import evidence claim waive end_waiver end_sessions",
    "policies_policy": "new_version rename retire delete_unpublished confirm import terms approve_terms"
    " take_back_terms",
    "policies_promise": "",
    "policies_review": "",
    "policies_revision": "",
    "policies_user": "end_sessions test_mail",
    "policies_version": "submit review correct rebase discard revisions tidy rehearsal rehearsed publish postpone"
    " bring_forward"
    " withdraw translate translation take_translation_back promise evidence restore mail"
    " roll roll_csv test_mail start_from check_deliverability",
    "policies_webhookendpoint": "edit secret off on test again",
}
OF_THE_DESK = {
    *(f"admin:{model}_{verb}" for model, verbs in DESK.items() for verb in (*STANDARD, *verbs.split())),
    *(f"admin/{model.replace('_', '/', 1)}/<path:object_id>/" for model in DESK),
    *("admin:index", "admin:autocomplete", "admin:view_on_site", "admin:app_list", "admin/(?P<url>.*)$"),
}
IN_A_LANGUAGE = (
    "policy version markdown plain json pdf fragment current history compare_any compare compare_typed redline_fragment"
    " redline_pdf atom json_feed timemap follow"
)
PUBLIC = {
    *(f"policies:{name}{suffix}" for name in IN_A_LANGUAGE.split() for suffix in ("", " in a language")),
    *("policies:home", "policies:api_page", "policies:status", "policies:embed_script", "policies:my_notices"),
    *("policies:policies_json", "policies:gpc", "policies:security_txt", "policies:sitemap", "policies:robots"),
    *("policies:log", "policies:log_key", "policies:log_checkpoint", "policies:log_checkpoint_of"),
    *("policies:log_leaves", "policies:log_inclusion", "policies:log_tlog_proof", "policies:log_consistency"),
    *("policies:atom_of_all", "policies:json_feed_of_all", "policies:embed_elements", "policies:embed_redline"),
    *("policies:health", "policies:problems", "policies:problem"),
    *("policies:look_sheet", "policies:look_logo"),
    *("api:openapi-json", "api:policies", "api:public", "api:versions", "api:version", "api:redline", "api:api-root"),
    *("api:checkpoint", "api:inclusion", "api:consistency"),
    # Whether all is well; the reasons are for operators.
    "policies:notices_health",
    # The demo alone: the mailbox of made-up people.
    *("demo:mailbox", "demo:mail", "demo:mail-html"),
    # The words of Django's scripts, and the ways in and out, which lead to those below.
    *("admin:jsi18n", "admin:login", "admin:logout"),
}
# Pages that anybody may open, to sign in or to be told why not.
SIGN_IN = {
    *("account_login", "account_request_login_code", "account_confirm_login_code", "account_logout"),
    *("account_inactive", "account_signup", "mfa_authenticate"),
    *("policies:sign_in", "policies:enter_code", "policies:which_account", "policies:sign_out", "policies:go_back"),
}
SIGNED_IN = {
    *("account_reauthenticate", "mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
    *("policies:questions", "policies:questions_for", "policies:answer", "policies:answer_for", "policies:account"),
    *(
        "policies:sessions",
        "policies:answered",
        "policies:export",
        "policies:leave",
        "policies:receipt",
        "policies:receipt_file",
    ),
    *("policies:receipt_proof", "policies:sessions"),
    *("policies:undo", "policies:noted", "policies:product"),
}
OF_A_KEY = {
    *("api:outstanding", "api:post_act", "api:get_acts", "api:receipt", "api:applied", "api:hand_over", "api:report"),
    *("api:answers", "api:answers_of_people"),
    *("api:put_person", "api:get_person", "api:post_people", "api:get_people"),
}

NEEDS: dict[str, str] = {
    **dict.fromkeys(PUBLIC | SIGN_IN, "nothing"),
    **dict.fromkeys(SIGNED_IN, "a sign-in"),
    **dict.fromkeys(OF_THE_DESK, "the desk"),
    **dict.fromkeys(("markdownx_markdownify", "markdownx_upload"), "a right"),
    **dict.fromkeys(OF_A_KEY, "a key"),
    **dict.fromkeys(("policies:acknowledge", "policies:embedded"), "a token of the host"),
    **dict.fromkeys(("policies:hand_over", "policies:confirm_following"), "a token in the address"),
    # One click, as RFC 8058 wants it: it says the same whether or not there was somebody.
    "policies:stop_following": "a token nobody confirms",
    **dict.fromkeys(("policies:health_of_all", "policies:metrics"), "an operator"),
}

# What only comes back where an address needs ...
REFUSALS: dict[str, set[int]] = {
    "a right": {403},
    "a key": {401},
    "a token of the host": {401},
    "a token in the address": {404, 410},
    "a token nobody confirms": {200},
    "an operator": {404},
}


def test_every_address_is_in_the_table_and_asks_for_what_it_says() -> None:
    world = World()
    found = routes()
    assert {route.key for route in found} == set(NEEDS), "Say in NEEDS what a new address asks for."
    wrong = {route.key: NEEDS[route.key] for route in found if not keeps_its_word(world, route)}
    assert wrong == {}


def keeps_its_word(world: World, route: Route) -> bool:
    need = NEEDS[route.key]
    path = forged(route) if "token" in need and route.arguments else world.paths(route)[0]
    visitor = ask(nobody(world), path, methods=("put",) if "put_" in route.name else ("get", "post"))
    if not visitor and need != "nothing":
        return False
    if need == "nothing":
        return not any(is_broken(answer, route) or answer.status_code == 401 for answer in visitor)
    if need == "a sign-in":
        # What is hers she may do; sent would be more than asked here.
        uma = ask(by_code(world), path, methods=("get",))
        return all(is_sent_to(answer, "/sign-in/") for answer in visitor) and not any(
            is_sent_to(answer, "/sign-in/login/") or is_sent_to(answer, "/sign-in/person/") for answer in uma
        )
    answers = [*visitor, *ask(by_code(world), path)]
    if need == "the desk":
        return all(answer.status_code == 403 or is_sent_to(answer, "/admin/login/") for answer in answers)
    return {answer.status_code for answer in answers} <= REFUSALS[need]


def is_sent_to(answer: Any, start: str) -> bool:
    return bool(answer.status_code == 302 and answer.headers["Location"].startswith(start))


def is_broken(answer: Any, route: Route) -> bool:
    """PDF is an extra, and where no worker runs, as in a test, health says so."""
    return answer.status_code >= 500 and route.name not in {
        "policies:pdf",
        "policies:redline_pdf",
        "policies:notices_health",
    }


def ask(client: Client, path: str, *, methods: tuple[str, ...] = ("get", "post")) -> list[Any]:
    """The answers to methods that are taken, as from elsewhere: who asks from the same machine is an operator."""
    answers = [getattr(client, method)(path, headers={"X-Forwarded-For": "192.0.2.7"}) for method in methods]
    return [answer for answer in answers if answer.status_code != 405]


def forged(route: Route) -> str:
    return "/" + route.pattern.replace("<str:token>", "Zm9yZ2Vk").replace("<str:signed>", "Zm9yZ2Vk:x:y")
