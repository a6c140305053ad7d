"""Leaving: a request to be deleted, with the day by which it has to be answered."""

from datetime import datetime, timedelta

from django.db import transaction

from policies.models import DeletionRequest, Person, Policy


@transaction.atomic(durable=True)
def ask_for_deletion(*, person: Person, policy: Policy, at: datetime) -> DeletionRequest:
    """Record that `person` asks to be deleted; asking again finds the open request. The contact is mailed by a task."""
    request, _created = DeletionRequest.objects.get_or_create(
        person=person,
        closed_at=None,
        defaults={
            "policy": policy,
            "asked_at": at,
            "due_on": (at.astimezone(policy.zone) + timedelta(days=policy.deletion_days)).date(),
        },
    )
    return request
