"""Addresses of the desk's pages."""

from django.urls import reverse

from policies.models import Policy, TranslationProposal, Version


def policy_url(policy: Policy, verb: str = "change") -> str:
    """The page of a policy, or of one of its verbs."""
    return reverse(f"admin:policies_policy_{verb}", args=[policy.pk])


def version_url(version: Version, verb: str = "change") -> str:
    """The page of a version, or of one of its verbs."""
    return reverse(f"admin:policies_version_{verb}", args=[version.pk])


def translation_url(proposal: TranslationProposal, verb: str = "translation") -> str:
    """The page where a translation that was handed in is read, or of another verb about it."""
    return reverse(f"admin:policies_version_{verb}", args=[proposal.version_id, proposal.language])


def hand_in_again_url(proposal: TranslationProposal) -> str:
    """The form with what its translator handed in."""
    return f"{reverse('admin:policies_version_translate', args=[proposal.version_id])}?language={proposal.language}"
