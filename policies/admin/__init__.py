"""The desk: one module per noun. A button calls exactly one verb, through a confirm page of its own."""

from policies.admin import audit_event, notice, person, policy, promise, review, revision, user, version

__all__ = ["audit_event", "notice", "person", "policy", "promise", "review", "revision", "user", "version"]
