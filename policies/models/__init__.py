"""Nouns: tables, constraints, named querysets. No side effects in save(), no signals."""

from policies.models.access import ApiKey, OpenSession, Scope, UsedLink, User
from policies.models.acts import Act, ActSubject, GateEpoch, Screen
from policies.models.audit import AccountMail, AuditEvent, DeskMail
from policies.models.fields import Acceptance, ChangeClass, Channel, Precision
from policies.models.ledger import BoundRows, Checkpoint, CheckpointAnchor, LedgerLeaf, LedgerNode
from policies.models.notices import (
    Delivery,
    DeliveryAttempt,
    DeliveryFact,
    DomainPlace,
    JobSlot,
    MailRoute,
    MailTemplate,
    Notice,
    NoticeSeen,
    Suppression,
    Tally,
)
from policies.models.people import DeletionRequest, Follower, Person, Standing, UseSeen
from policies.models.policies import (
    ADDRESS_TAKEN,
    TERMS,
    Policy,
    PolicyAddress,
    PolicyReview,
    PolicyTerms,
    TermsProposal,
    Tier,
)
from policies.models.promises import Promise, PromiseCheck, PromiseTier
from policies.models.renderings import BoundRendering, Comparison, Rendering
from policies.models.summaries import ANSWERS, Summary
from policies.models.versions import Postponement, Review, Revision, TranslationProposal, Version, VersionText
from policies.models.webhooks import WebhookDelivery, WebhookEndpoint, WebhookKind, WebhookMessage, WebhookTry

__all__ = [
    "ADDRESS_TAKEN",
    "ANSWERS",
    "TERMS",
    "Acceptance",
    "AccountMail",
    "Act",
    "ActSubject",
    "ApiKey",
    "AuditEvent",
    "BoundRendering",
    "BoundRows",
    "ChangeClass",
    "Channel",
    "Checkpoint",
    "CheckpointAnchor",
    "Comparison",
    "DeletionRequest",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryFact",
    "DeskMail",
    "DomainPlace",
    "Follower",
    "GateEpoch",
    "JobSlot",
    "LedgerLeaf",
    "LedgerNode",
    "MailRoute",
    "MailTemplate",
    "Notice",
    "NoticeSeen",
    "OpenSession",
    "Person",
    "Policy",
    "PolicyAddress",
    "PolicyReview",
    "PolicyTerms",
    "Postponement",
    "Precision",
    "Promise",
    "PromiseCheck",
    "PromiseTier",
    "Rendering",
    "Review",
    "Revision",
    "Scope",
    "Screen",
    "Standing",
    "Summary",
    "Suppression",
    "Tally",
    "TermsProposal",
    "Tier",
    "TranslationProposal",
    "UseSeen",
    "UsedLink",
    "User",
    "Version",
    "VersionText",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookKind",
    "WebhookMessage",
    "WebhookTry",
]
