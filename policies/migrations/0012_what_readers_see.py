"""
What readers see is bound from now on. Each stored page and comparison of what is published gets a leaf on this day.

What is hashed is written out here once more: the record of that day must not change with the code.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

PAGE = ("html", "plain", "contents")
COMPARISON = (
    *("inline_html", "side_html", "changes_html", "mail_html", "plain"),
    *("summary", "sections", "facts"),
)


def bind_what_is_stored(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    rows, leaves = (apps.get_model("policies", name).objects for name in ("BoundRendering", "LedgerLeaf"))
    at = datetime.now(UTC)
    for text, before, renderer, parts in _stored(apps):
        row = rows.create(
            text=text,
            before=before,
            text_sha256=text.sha256,
            before_sha256=before.sha256 if before else "",
            renderer=renderer,
            sha256=next(iter(parts.values())),
            parts=parts,
            at=at,
        )
        body = _body(row, at)
        hashed = hashlib.sha256(b"\x00" + body.encode()).digest()
        leaves.create(kind="rendering", reference=str(row.pk), leaf_hash=hashed, body=body, at=at)


def _stored(apps: Any) -> Iterator[tuple[Any, Any, str, dict[str, str]]]:
    """The texts, the renderer and the sha256 of each part of everything that is stored of what is published."""
    pages, comparisons = (apps.get_model("policies", name).objects for name in ("Rendering", "Comparison"))
    for page in (
        pages.filter(text__version__published_at__isnull=False).select_related("text").order_by("pk").iterator()
    ):
        yield page.text, None, page.renderer, {name: _hashed(getattr(page, name)) for name in PAGE}
    both = {"before__version__published_at__isnull": False, "after__version__published_at__isnull": False}
    for found in comparisons.filter(**both).select_related("before", "after").order_by("pk").iterator():
        parts = {name: _hashed(getattr(found, name)) for name in COMPARISON}
        yield found.after, found.before, found.renderer, parts


def _hashed(part: object) -> str:
    said = part if isinstance(part, str) else json.dumps(part, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def _body(row: Any, at: datetime) -> str:
    body = {
        "kind": "rendering",
        "reference": str(row.pk),
        "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "version": row.text.version_id,
        "language": row.text.language,
        "text_sha256": row.text_sha256,
        "before": row.before and {"version": row.before.version_id, "sha256": row.before_sha256},
        "renderer": row.renderer,
        "sha256": row.sha256,
        "parts": row.parts,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _binding(default: int) -> models.Field:  # type: ignore[type-arg]
    choices = [
        (1, "what was done; whose it was is in a leaf of its own, made later"),
        (2, "what was done, whose it was and who acted for them"),
        (3, "what was done, whose it was, who acted for them and the page of the text that was shown"),
    ]
    return models.PositiveSmallIntegerField(choices=choices, default=default, editable=False)


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0011_people_by_address"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoundRendering",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text_sha256", models.CharField(max_length=64)),
                ("before_sha256", models.CharField(blank=True, max_length=64)),
                ("renderer", models.CharField(max_length=40)),
                ("sha256", models.CharField(max_length=64)),
                ("parts", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "before",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policies.versiontext",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bound", to="policies.versiontext"
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AddConstraint(
            model_name="boundrendering",
            constraint=models.UniqueConstraint(
                fields=("text", "before", "renderer"), name="one_bound_comparison_per_renderer"
            ),
        ),
        migrations.AddConstraint(
            model_name="boundrendering",
            constraint=models.UniqueConstraint(
                condition=models.Q(("before", None)),
                fields=("text", "renderer"),
                name="one_bound_rendering_per_renderer",
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="rendering",
            field=models.ForeignKey(
                db_index=False,
                help_text="The page of the text that was on the screen; empty where another system showed the text.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="policies.boundrendering",
            ),
        ),
        migrations.AlterField(model_name="act", name="binding", field=_binding(3)),
        migrations.RunPython(bind_what_is_stored, migrations.RunPython.noop),
    ]
