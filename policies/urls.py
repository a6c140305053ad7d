"""The URLs of UX.md."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, path, register_converter

from policies.views.operators import monitoring
from policies.views.people import (
    account,
    answering,
    batch_answer,
    by_code,
    demo_product,
    handover,
    prominent_notice,
    sessions,
)
from policies.views.programs import api_page, embed, problem_pages
from policies.views.public import (
    comparing,
    current,
    downloads,
    feeds,
    following,
    fragments,
    look_files,
    memento,
    policy_log,
    policy_pages,
    wellknown,
)
from policies.views.shared.policy_urls import EndingConverter, LabelConverter, LanguageConverter

register_converter(EndingConverter, "ending")
register_converter(LabelConverter, "label")
register_converter(LanguageConverter, "language")

app_name = "policies"


def of_a_policy(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """A page of a policy, in the policy's own language and in another one."""
    return [
        path(f"p/<slug:slug>/{route}", view, name=name),
        path(f"p/<slug:slug>/<language:language>/{route}", view, name=name),
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", policy_pages.home, name="home"),
    *of_a_policy("", policy_pages.policy, "policy"),
    *of_a_policy("v/<label:number>/", policy_pages.version, "version"),
    *of_a_policy("v/<label:number>.md", downloads.markdown, "markdown"),
    *of_a_policy("v/<label:number>.txt", downloads.plain, "plain"),
    *of_a_policy("v/<label:number>.json", downloads.json, "json"),
    *of_a_policy("v/<label:number>.pdf", downloads.pdf, "pdf"),
    *of_a_policy("v/<label:number>.html", fragments.text, "fragment"),
    *of_a_policy("current.<ending:ending>", current.current, "current"),
    *of_a_policy("history/", policy_pages.history, "history"),
    *of_a_policy("compare/", comparing.compare_any, "compare_any"),
    *of_a_policy("compare/<label:before>...<label:after>/", comparing.compare, "compare"),
    *of_a_policy("compare/<label:before>…<label:after>/", comparing.compare_typed, "compare_typed"),
    *of_a_policy("compare/<label:before>...<label:after>.html", fragments.redline, "redline_fragment"),
    *of_a_policy("compare/<label:before>...<label:after>.pdf", downloads.redline_pdf, "redline_pdf"),
    *of_a_policy("feed.atom", feeds.atom, "atom"),
    *of_a_policy("feed.json", feeds.json_feed, "json_feed"),
    *of_a_policy("timemap/", memento.timemap, "timemap"),
    *of_a_policy("follow/", following.follow, "follow"),
    path("feed.atom", feeds.atom_of_all, name="atom_of_all"),
    path("feed.json", feeds.json_feed_of_all, name="json_feed_of_all"),
    path("follow/confirm/<str:signed>/", following.confirm, name="confirm_following"),
    path("follow/<str:token>/", following.stop, name="stop_following"),
    path("api/v1/docs", api_page.page, name="api_page"),
    path("problems/", problem_pages.all_kinds, name="problems"),
    path("problems/<slug:code>", problem_pages.one_kind, name="problem"),
    path("api/v1/policies/<slug:slug>/status", embed.status, name="status"),
    path("api/v1/ack", embed.acknowledge, name="acknowledge"),
    path("embed/notices.json", embed.embedded, name="embedded"),
    path("embed/notice.js", embed.script, name="embed_script"),
    path("embed/policy.js", embed.elements, name="embed_elements"),
    path("embed/redline.css", embed.redline_colors, name="embed_redline"),
    path("notices/mine/", prominent_notice.mine, name="my_notices"),
    path("notices/<int:pk>/noted/", prominent_notice.noted, name="noted"),
    path(".well-known/policies.json", wellknown.policies, name="policies_json"),
    path(".well-known/gpc.json", wellknown.gpc, name="gpc"),
    path(".well-known/security.txt", wellknown.security_txt, name="security_txt"),
    path(".well-known/policy-log/", policy_log.home, name="log"),
    path(".well-known/policy-log/key", policy_log.key, name="log_key"),
    path(".well-known/policy-log/checkpoint", policy_log.checkpoint, name="log_checkpoint"),
    path(".well-known/policy-log/checkpoint/<int:size>", policy_log.checkpoint, name="log_checkpoint_of"),
    path(".well-known/policy-log/leaves", policy_log.leaves, name="log_leaves"),
    path(".well-known/policy-log/proof/inclusion", policy_log.inclusion, name="log_inclusion"),
    path(".well-known/policy-log/proof/inclusion.tlog-proof", policy_log.tlog_proof, name="log_tlog_proof"),
    path(".well-known/policy-log/proof/consistency", policy_log.consistency, name="log_consistency"),
    path("look/<str:sha256>.css", look_files.sheet, name="look_sheet"),
    path("look/<str:sha256>.png", look_files.logo, name="look_logo"),
    path("sitemap.xml", wellknown.sitemap, name="sitemap"),
    path("robots.txt", wellknown.robots, name="robots"),
    path("health/", wellknown.health, name="health"),
    path("health/all/", monitoring.health, name="health_of_all"),
    path("health/notices/", monitoring.notices_health, name="notices_health"),
    path("metrics", monitoring.metrics, name="metrics"),
    path("hand-over/back/", handover.go_back, name="go_back"),
    path("hand-over/<str:token>/", handover.arrive, name="hand_over"),
    path("review/", batch_answer.questions, name="questions"),
    path("review/for/<int:ward>/", batch_answer.questions, name="questions_for"),
    path("review/for/<int:ward>/<slug:slug>/", answering.answer, name="answer_for"),
    path("review/<slug:slug>/", answering.answer, name="answer"),
    path("account/", account.account, name="account"),
    path("sign-in/person/", by_code.ask, name="sign_in"),
    path("sign-in/person/code/", by_code.enter_code, name="enter_code"),
    path("sign-in/person/which/", by_code.which_account, name="which_account"),
    path("sign-in/out/", by_code.leave, name="sign_out"),
    path("account/sessions/", sessions.sessions, name="sessions"),
    path("account/answers/", batch_answer.answered, name="answered"),
    path("account/export/", account.export, name="export"),
    path("account/leave/", account.leave, name="leave"),
    path("account/receipts/<uuid:reference>/", account.receipt, name="receipt"),
    path("account/receipts/<uuid:reference>.json", account.receipt_file, name="receipt_file"),
    path("account/receipts/<uuid:reference>.tlog-proof", account.receipt_proof, name="receipt_proof"),
    path("account/receipts/<uuid:reference>/undo/", account.undo, name="undo"),
]
if settings.DEMO:
    urlpatterns += [path("demo/product/", demo_product.product, name="product")]
