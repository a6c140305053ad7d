"""
The terms of each published policy are put on record as they are on this day, and its versions keep its time zone.

What is hashed is written out here once more: the record of that day must not change with the code.
"""

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import policies.models.fields
import policies.models.policies

TERMS = (
    "time_zone",
    "language",
    "audience_tag",
    "has_accounts",
    "acceptance",
    "grace_period_days",
    "renewal_months",
    "is_optional",
    "solo",
)
AGAIN = "approved before manifests sealed the terms of the policy"


def give_ids(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    for policy in apps.get_model("policies", "Policy").objects.all():
        policy.uid = uuid.uuid4()
        policy.save(update_fields=["uid"])


def put_on_record(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    policies, rows, leaves = (
        apps.get_model("policies", name).objects for name in ("Policy", "PolicyTerms", "LedgerLeaf")
    )
    at = datetime.now(UTC)
    for policy in policies.all():
        published = policy.versions.filter(published_at__isnull=False)
        if not published.exists():
            continue
        published.update(time_zone=policy.time_zone)
        terms = {name: getattr(policy, name) for name in TERMS}
        row = rows.create(policy=policy, number=1, reason="as found at an upgrade", at=at, **terms)
        body = _body(row, policy, at)
        hashed = hashlib.sha256(b"\x00" + body.encode()).digest()
        leaves.create(kind="terms", reference=str(row.pk), leaf_hash=hashed, body=body, at=at)


def _body(row: Any, policy: Any, at: datetime) -> str:
    body = {
        "kind": "terms",
        "reference": str(row.pk),
        "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "policy": policy.uid.hex,
        "number": 1,
        "terms": {
            "time_zone": policy.time_zone,
            "language": policy.language,
            "audience": [policy.audience_tag] if policy.audience_tag else [],
            "has_accounts": policy.has_accounts,
            "acceptance": policy.acceptance,
            "grace_days": policy.grace_period_days,
            "renewal_months": policy.renewal_months,
            "optional": policy.is_optional,
            "solo": policy.solo,
        },
        "before": None,
        "reason": row.reason,
        "proposed_by": None,
        "approved_by": None,
        "alone": False,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def have_approved_again(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    """What was approved in the older form seals no terms: its approver sees them, and approves once more."""
    events = apps.get_model("policies", "AuditEvent").objects
    for version in apps.get_model("policies", "Version").objects.filter(status="approved"):
        version.status, version.manifest, version.manifest_sha256 = "in_review", "", ""
        version.save(update_fields=["status", "manifest", "manifest_sha256"])
        events.create(
            verb="version.to_approve_again",
            policy_id=version.policy_id,
            version_id=version.pk,
            data={"reason": AGAIN},
            at=datetime.now(UTC),
        )


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0008_whose_answer_it_was"),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        help_text="Names the dates of this policy. A version takes effect at midnight here.",
                        max_length=64,
                        validators=[policies.models.policies.validate_time_zone],
                        verbose_name="legal time zone",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish")],
                        default="en",
                        max_length=10,
                        verbose_name="authoritative language",
                    ),
                ),
                (
                    "audience_tag",
                    models.SlugField(
                        blank=True,
                        db_index=False,
                        help_text="Empty: everybody. Otherwise the people with this tag.",
                        verbose_name="audience",
                    ),
                ),
                (
                    "has_accounts",
                    models.BooleanField(
                        default=True,
                        help_text="Off where nobody signs in: changes are then announced on the page, by feed and to followers.",
                        verbose_name="people have accounts",
                    ),
                ),
                (
                    "acceptance",
                    models.CharField(
                        choices=[
                            ("none", "No acceptance"),
                            ("continued_use", "Continued use after the effective date"),
                            ("explicit", "Explicit: each person answers"),
                        ],
                        default="none",
                        max_length=13,
                        verbose_name="material changes ask for",
                    ),
                ),
                (
                    "grace_period_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="days of grace after effect"),
                ),
                (
                    "renewal_months",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="0: an acceptance does not expire.",
                        verbose_name="months until an acceptance is asked again",
                    ),
                ),
                (
                    "is_optional",
                    models.BooleanField(
                        default=False,
                        help_text="Asked apart from everything else; declining it has no consequence, and nothing is gated by it.",
                        verbose_name="an optional consent",
                    ),
                ),
                (
                    "solo",
                    models.BooleanField(
                        default=False,
                        help_text="One editor approves their own work; the evidence says that there was no second person.",
                        verbose_name="solo mode",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("alone", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["policy", "number"],
                "get_latest_by": "number",
            },
        ),
        migrations.CreateModel(
            name="TermsProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC",
                        help_text="Names the dates of this policy. A version takes effect at midnight here.",
                        max_length=64,
                        validators=[policies.models.policies.validate_time_zone],
                        verbose_name="legal time zone",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish")],
                        default="en",
                        max_length=10,
                        verbose_name="authoritative language",
                    ),
                ),
                (
                    "audience_tag",
                    models.SlugField(
                        blank=True,
                        db_index=False,
                        help_text="Empty: everybody. Otherwise the people with this tag.",
                        verbose_name="audience",
                    ),
                ),
                (
                    "has_accounts",
                    models.BooleanField(
                        default=True,
                        help_text="Off where nobody signs in: changes are then announced on the page, by feed and to followers.",
                        verbose_name="people have accounts",
                    ),
                ),
                (
                    "acceptance",
                    models.CharField(
                        choices=[
                            ("none", "No acceptance"),
                            ("continued_use", "Continued use after the effective date"),
                            ("explicit", "Explicit: each person answers"),
                        ],
                        default="none",
                        max_length=13,
                        verbose_name="material changes ask for",
                    ),
                ),
                (
                    "grace_period_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="days of grace after effect"),
                ),
                (
                    "renewal_months",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="0: an acceptance does not expire.",
                        verbose_name="months until an acceptance is asked again",
                    ),
                ),
                (
                    "is_optional",
                    models.BooleanField(
                        default=False,
                        help_text="Asked apart from everything else; declining it has no consequence, and nothing is gated by it.",
                        verbose_name="an optional consent",
                    ),
                ),
                (
                    "solo",
                    models.BooleanField(
                        default=False,
                        help_text="One editor approves their own work; the evidence says that there was no second person.",
                        verbose_name="solo mode",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        help_text="Why. Kept for the evidence, with the old and the new values.",
                        max_length=500,
                        validators=[policies.models.fields.validate_single_line],
                        verbose_name="reason",
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.RemoveConstraint(
            model_name="version",
            name="published_version_is_numbered_dated_and_sealed",
        ),
        migrations.AddField("policy", "uid", models.UUIDField(null=True, editable=False)),
        migrations.RunPython(give_ids, migrations.RunPython.noop),
        migrations.AlterField("policy", "uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
        migrations.AddField(
            model_name="version",
            name="time_zone",
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name="legal time zone"),
        ),
        migrations.AddField(
            model_name="policyterms",
            name="approved_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="policyterms",
            name="policy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="terms_on_record", to="policies.policy"
            ),
        ),
        migrations.AddField(
            model_name="policyterms",
            name="proposed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="termsproposal",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="termsproposal",
            name="policy",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="proposed_terms", to="policies.policy"
            ),
        ),
        migrations.AddConstraint(
            model_name="policyterms",
            constraint=models.UniqueConstraint(fields=("policy", "number"), name="one_number_per_terms"),
        ),
        migrations.RunPython(put_on_record, migrations.RunPython.noop),
        migrations.RunPython(have_approved_again, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("number", None), ("published_at", None)),
                    models.Q(
                        ("effective_at__isnull", False),
                        ("number__isnull", False),
                        ("published_at__isnull", False),
                        ("status", "published"),
                        models.Q(("manifest_sha256", ""), _negated=True),
                        models.Q(("time_zone", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="published_version_is_numbered_dated_and_sealed",
            ),
        ),
    ]
