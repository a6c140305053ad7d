"""Which effect the notices of before named, and when their mails began to go out."""

from datetime import datetime
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Min
from django.db.models.functions import Coalesce

# A withdrawal and a correction stand whatever comes.
NAMES_AN_EFFECT = ("change", "postponed", "reminder", "again")
# Delivery.RECIPIENT_BITS + CHANNEL_BITS: the deliveries of a notice lie side by side by their keys.
BITS = 38


def write_down(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    Notice = apps.get_model("policies", "Notice")
    for notice in Notice.objects.select_related("version").order_by("pk"):
        names = _named(notice) if notice.kind in NAMES_AN_EFFECT else None
        begun_at = _begun(apps, notice)
        if names or begun_at:
            Notice.objects.filter(pk=notice.pk).update(effective_at=names, begun_at=begun_at)


def _named(notice: Any) -> datetime | None:
    """The effect that stood when it was planned: from which the first postponement after that led away."""
    moved = notice.version.date_changes.filter(at__gt=notice.created_at).order_by("at", "id").first()
    found: datetime | None = moved.was_effective_at if moved else notice.version.effective_at
    return found


def _begun(apps: Apps, notice: Any) -> datetime | None:
    deliveries = apps.get_model("policies", "Delivery").objects.filter(
        pk__gte=notice.pk << BITS, pk__lt=(notice.pk + 1) << BITS, attempts__gt=0
    )
    if not deliveries.exists():
        return None
    first = deliveries.aggregate(at=Min(Coalesce("written_at", "finished_at")))["at"]
    found: datetime = first or notice.created_at
    return found


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0031_dates_brought_forward"),
    ]

    operations = [migrations.RunPython(write_down, migrations.RunPython.noop)]
