"""
The addresses that go into mails, from SITE_URL and never from a request. They outlive every change of our own URLs,
so they are written out here, and a test asks each of them of the site.
"""

from django.conf import settings

from policies.mail import answer_link
from policies.models import Policy, Version


def page(policy: Policy, language: str) -> str:
    return f"{settings.SITE_URL}/p/{policy.slug}/{_in(policy, language)}"


def version(version: Version, language: str) -> str:
    return f"{page(version.policy, language)}v/{version.label}/"


def redline(before: Version, after: Version, language: str) -> str:
    return f"{page(after.policy, language)}compare/{before.label}...{after.label}/"


def answer(policy: Policy) -> str:
    """The answer page. It names the policy, never the person: whoever opens it has to sign in."""
    return f"{settings.SITE_URL}/review/{policy.slug}/"


def answer_by_mail(version: Version) -> str:
    """
    Where a mail leads for an answer: the organization's own product, which hands over, where the policy or the site
    names one; else the answer page.
    """
    own = version.policy.answer_at or settings.PEOPLE_ANSWER_AT
    return (
        answer_link.filled(own, policy=version.policy.slug, version=str(version.label))
        if own
        else answer(version.policy)
    )


def follow(policy: Policy) -> str:
    return f"{settings.SITE_URL}/p/{policy.slug}/follow/"


def unfollow(token: str) -> str:
    """22 characters of token keep the whole List-Unsubscribe header on one line (RFC 8058)."""
    return f"{settings.SITE_URL}/follow/{token}/"


def _in(policy: Policy, language: str) -> str:
    return "" if language == policy.language else f"{language}/"
