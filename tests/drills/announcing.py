"""A policy with two versions that were published by the verbs, so that everything about them is on the record."""

from policies import clock, publishing
from policies.models import Version
from tests import factories
from tests import people as cast


def announce() -> Version:
    """The second version, published now, of which everybody is told; the first one binds since long ago."""
    policy, long_ago = factories.make_policy(), factories.days_ago(60)
    first = factories.make_approved(policy, body=factories.BODY, at=long_ago)
    publishing.publish(version=first, by=cast.edith(), at=long_ago)
    second = factories.make_approved(policy, effective_at=factories.in_days(40))
    return publishing.publish(version=second, by=cast.edith(), at=clock.now())
