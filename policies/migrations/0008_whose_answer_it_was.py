"""
An act's leaf binds whose it was from now on. Each act of before gets a leaf that says whose it is on this day.

What is hashed is written out here once more: the record of that day must not change with the code.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.db import migrations, models

AT_ONCE = 5_000
DEED, PERSON = 1, 2


def say_whose_the_acts_are(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    subjects, leaves = (
        apps.get_model("policies", "ActSubject").objects,
        apps.get_model("policies", "LedgerLeaf").objects,
    )
    at, last = datetime.now(UTC), 0
    columns = ("id", "subject_ref", "salt", "person_id", "acted_by_id")
    while chunk := list(subjects.filter(id__gt=last).order_by("id").values_list(*columns)[:AT_ONCE]):
        leaves.bulk_create(
            leaves.model(kind="belonging", reference=reference.hex, leaf_hash=_hashed(reference.hex, at, *said), at=at)
            for _id, reference, *said in chunk
        )
        last = chunk[-1][0]


def _hashed(reference: str, at: datetime, salt: bytes, person: int, acted_by: int | None) -> bytes:
    body = {
        "kind": "belonging",
        "reference": reference,
        "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "person": person,
        "acted_by": acted_by,
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"\x00" + bytes(salt) + text.encode()).digest()


def _binding(default: int) -> models.Field:  # type: ignore[type-arg]
    choices = [
        (DEED, "what was done; whose it was is in a leaf of its own, made later"),
        (PERSON, "what was done, whose it was and who acted for them"),
    ]
    return models.PositiveSmallIntegerField(choices=choices, default=default, editable=False)


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0007_every_address_once"),
    ]

    operations = [
        migrations.AddField(model_name="act", name="binding", field=_binding(DEED)),
        migrations.RunPython(say_whose_the_acts_are),
        migrations.AlterField(model_name="act", name="binding", field=_binding(PERSON)),
    ]
