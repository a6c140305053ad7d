"""The desk: one module per noun. A button calls exactly one verb, through a confirm page of its own."""

from policies.admin.access import api_key, user
from policies.admin.look import admin as look
from policies.admin.notice import admin as notice
from policies.admin.person import admin as person
from policies.admin.person import deletion_request
from policies.admin.policy import admin as policy
from policies.admin.record import audit_event, promise, review, revision
from policies.admin.version import admin as version
from policies.admin.webhook import admin as webhook

__all__ = [
    "api_key",
    "audit_event",
    "deletion_request",
    "look",
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
