"""What a new organization has to do before its first policy stands. Each step is seen in what is there."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from policies.admin.desk.page_links import policy_url, version_url
from policies.admin.desk.who_approves import INVITE
from policies.look import in_use
from policies.models import AuditEvent, Delivery, Policy, Promise, User, Version
from policies.notices.upkeep import trial_mails

# What the settings say where nobody set anything.
UNNAMED = "This organization"
LOOK = "admin:policies_appearance_add"


@dataclass(frozen=True)
class Step:
    """One step, whether it is done, and where this person can do it; empty where they cannot."""

    words: str
    is_done: bool
    url: str = ""
    how: str = ""


def of(user: User) -> list[Step]:
    """Every step in order; none once all are done."""
    if not (user.has_perm("policies.change_policy") or user.has_perm("policies.publish_version")):
        return []
    steps = [
        _step(user, _("Give your organization its name"), _is_named, "change_policy", reverse(LOOK)),
        _step(user, _("Send yourself a test mail"), _is_mail_tested, "add_user", _test_mail_of(user)),
        _step(user, _("Make a policy"), Policy.objects.exists, "add_policy", reverse("admin:policies_policy_add")),
        _step(user, _("Import its text, or write it"), Version.objects.exists, "add_version", _import_url()),
        _step(user, _("Record what it promises about changes"), Promise.objects.exists, "add_promise", _promise_url()),
        _step(user, _("Give somebody else the role approver"), _has_approver, "add_user", reverse(INVITE)),
        _step(user, _("Publish it"), Version.objects.published().exists, "change_version", _draft_url()),
    ]
    return [] if all(step.is_done for step in steps) else steps


def _step(user: User, words: str, is_done: Callable[[], bool], permission: str, url: str) -> Step:
    done = is_done()
    return Step(words, done, url if url and not done and user.has_perm(f"policies.{permission}") else "")


def _is_named() -> bool:
    return in_use.organization() != UNNAMED


def _is_mail_tested() -> bool:
    """A test mail went out, or any mail of a notice did."""
    taken = Delivery.objects.filter(state=Delivery.State.ACCEPTED)
    return AuditEvent.objects.filter(verb=trial_mails.TESTED).exists() or taken.exists()


def _has_approver() -> bool:
    """Two different people write and approve, or a policy says that one person does both."""
    approvers = set(User.objects.at_desk_with("approve_version").values_list("pk", flat=True))
    authors = set(User.objects.at_desk_with("change_version").values_list("pk", flat=True))
    has_two = bool(approvers and authors) and len(approvers | authors) > 1
    return has_two or Policy.objects.filter(solo=True).exists()


def _test_mail_of(user: User) -> str:
    return reverse("admin:policies_user_test_mail", args=[user.pk])


def _import_url() -> str:
    policy = Policy.objects.order_by("pk").first()
    return policy_url(policy, "import") if policy else ""


def _promise_url() -> str:
    version = Version.objects.order_by("pk").first()
    return version_url(version, "promise") if version else ""


def _draft_url() -> str:
    draft = Version.objects.drafts().order_by("pk").first()
    return version_url(draft) if draft else ""
