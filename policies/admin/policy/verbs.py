"""The verbs about a policy: what each page says, and what its button does."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext

from policies import authoring, clock, publishing
from policies.admin.desk.base import user_of
from policies.admin.desk.forms import ConfirmUnchangedForm, RenameForm
from policies.admin.desk.page_links import policy_url, version_url
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage
from policies.admin.policy import terms_page
from policies.models import TERMS, Policy, TermsProposal


def new_version(request: HttpRequest, policy: Policy) -> Verb:
    """Start a draft from the latest standing text."""

    def act(_data: Any) -> Outcome:
        draft = authoring.start_draft(policy=policy, by=user_of(request), at=clock.now())
        return Outcome(gettext("A draft was started."), version_url(draft))

    page = VerbPage(
        title=gettext("New version of %(policy)s") % {"policy": policy},
        button=gettext("Start a draft"),
        permission="add_version",
        is_binding=False,
        paragraphs=(gettext("You get a draft with the text of the latest version. Only the desk sees it."),),
    )
    return Verb(page, act)


def rename(request: HttpRequest, policy: Policy) -> Verb:
    """Give the policy another address; the old one redirects for ever."""

    def act(data: Any) -> Outcome:
        publishing.rename(policy=policy, slug=data["slug"], by=user_of(request), at=clock.now())
        return Outcome(gettext("The policy now answers at /p/%s/.") % data["slug"], policy_url(policy))

    page = VerbPage(
        title=gettext("Rename the address of %(policy)s") % {"policy": policy},
        button=gettext("Rename"),
        permission="publish_version",
        is_binding=True,
        paragraphs=(
            gettext("Now it is /p/%(slug)s/. That address, and every one before it, will redirect for ever.")
            % {"slug": policy.slug},
        ),
        form_class=RenameForm,
    )
    return Verb(page, act)


def retire(request: HttpRequest, policy: Policy) -> Verb:
    """End the policy: its versions stay readable, and it gets no further one."""

    def act(_data: Any) -> Outcome:
        publishing.retire(policy=policy, by=user_of(request), at=clock.now())
        return Outcome(gettext("The policy is retired. Its pages stay."), policy_url(policy))

    page = VerbPage(
        title=gettext("Retire %(policy)s") % {"policy": policy},
        button=gettext("Retire this policy"),
        permission="publish_version",
        is_binding=True,
        paragraphs=(
            gettext("All versions stay readable at their addresses, marked as retired."),
            gettext("It gets no further version. This cannot be undone."),
        ),
        is_grave=True,
    )
    return Verb(page, act)


def delete_unpublished(request: HttpRequest, policy: Policy) -> Verb:
    """Delete a policy of which nothing was ever published, and say before what goes and what stays."""

    def act(_data: Any) -> Outcome:
        publishing.delete_policy(policy=policy, by=user_of(request), at=clock.now())
        said = gettext("“%(policy)s” is deleted. The audit record keeps what was done to it.") % {"policy": policy}
        return Outcome(said, reverse("admin:policies_policy_changelist"))

    page = VerbPage(
        title=gettext("Delete %(policy)s") % {"policy": policy},
        button=gettext("Delete this policy and its drafts"),
        permission="add_policy",
        is_binding=True,
        is_grave=True,
        template="admin/policies/policy/delete_unpublished.html",
        values={
            "in_the_way": publishing.standing_in_the_way(policy),
            "remains": publishing.remains_of(policy),
        },
    )
    return Verb(page, act)


def confirm_unchanged(request: HttpRequest, policy: Policy) -> Verb:
    """Record that somebody read the text in force and found it still right."""

    def act(data: Any) -> Outcome:
        publishing.confirm_unchanged(policy=policy, by=user_of(request), at=clock.now(), remark=data["remark"])
        return Outcome(gettext("Recorded. Readers see “Last reviewed” with today's date."), policy_url(policy))

    page = VerbPage(
        title=gettext("Confirm %(policy)s as reviewed, unchanged") % {"policy": policy},
        button=gettext("Confirm: reviewed, unchanged"),
        permission="publish_version",
        is_binding=True,
        paragraphs=(
            gettext("You say that you read the text in force and that it still describes what you do."),
            gettext("“Last reviewed” moves to today. “Last updated” does not move."),
        ),
        form_class=ConfirmUnchangedForm,
    )
    return Verb(page, act)


def change_terms(request: HttpRequest, policy: Policy) -> Verb:
    """Propose other terms; a second person puts them into force."""

    def act(data: Any) -> Outcome:
        terms = {name: data[name] for name in TERMS}
        publishing.propose_terms(policy=policy, terms=terms, reason=data["reason"], by=user_of(request), at=clock.now())
        return Outcome(gettext("Proposed. Nothing changes until it is approved."), policy_url(policy))

    page = VerbPage(
        title=gettext("Change the terms of %(policy)s") % {"policy": policy},
        button=gettext("Propose these terms"),
        permission="change_policy",
        is_binding=False,
        paragraphs=(
            gettext("These decide whom published versions ask, and how. What was published keeps its time zone."),
            terms_page.who_approves(policy, user_of(request)),
        ),
        form_class=terms_page.TermsForm,
        initial=policy.terms,
    )
    return Verb(page, act)


def approve_terms(request: HttpRequest, policy: Policy) -> Verb:
    """Put into force what somebody else proposed."""

    def act(data: Any) -> Outcome:
        seen = TermsProposal(pk=data["seen"], policy=policy)
        publishing.approve_terms(proposal=seen, by=user_of(request), at=clock.now())
        return Outcome(gettext("The terms are in force and on the record."), policy_url(policy))

    page = VerbPage(
        title=gettext("Approve the proposed terms of %(policy)s") % {"policy": policy},
        button=gettext("Approve and put into force"),
        permission="approve_version",
        is_binding=True,
        paragraphs=(
            gettext("They apply at once, to everybody whom a published version asks."),
            gettext("What was published keeps its time zone."),
        ),
        form_class=terms_page.SeenForm,
        initial={"seen": _proposed(policy).pk},
        template="admin/policies/policy/proposed_terms.html",
        values={"proposed": terms_page.proposed(policy)},
    )
    return Verb(page, act)


def take_back_terms(request: HttpRequest, policy: Policy) -> Verb:
    """Take a proposal back, or refuse it."""

    def act(_data: Any) -> Outcome:
        publishing.take_back_terms(proposal=proposal, by=user_of(request), at=clock.now())
        return Outcome(gettext("The proposal is gone. The terms in force stay."), policy_url(policy))

    proposal = _proposed(policy)
    page = VerbPage(
        title=gettext("Take the proposed terms of %(policy)s back") % {"policy": policy},
        button=gettext("Take it back"),
        permission="change_policy",
        is_binding=False,
        paragraphs=(gettext("The terms in force stay as they are. The audit record keeps what was proposed."),),
        template="admin/policies/policy/proposed_terms.html",
        values={"proposed": terms_page.proposed(policy)},
    )
    return Verb(page, act)


def _proposed(policy: Policy) -> TermsProposal:
    return get_object_or_404(TermsProposal.objects.select_related("policy", "by"), policy=policy)
