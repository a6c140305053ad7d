"""The desk: one module per noun. A button calls exactly one verb, through a confirm page of its own."""

from policies.admin import (
    api_key,
    audit_event,
    deletion_request,
    notice,
    person,
    policy,
    promise,
    review,
    revision,
    user,
    version,
    webhook,
)

__all__ = [
    "api_key",
    "audit_event",
    "deletion_request",
    "notice",
    "person",
    "policy",
    "promise",
    "review",
    "revision",
    "user",
    "version",
    "webhook",
]
