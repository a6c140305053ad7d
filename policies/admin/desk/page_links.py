"""Addresses of the desk's pages."""

from django.urls import reverse

from policies.models import Policy, Version


def policy_url(policy: Policy, verb: str = "change") -> str:
    """The page of a policy, or of one of its verbs."""
    return reverse(f"admin:policies_policy_{verb}", args=[policy.pk])


def version_url(version: Version, verb: str = "change") -> str:
    """The page of a version, or of one of its verbs."""
    return reverse(f"admin:policies_version_{verb}", args=[version.pk])
