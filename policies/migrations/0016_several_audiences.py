"""People are in several audiences, and policies name several. One tag alone is written as before: no row changes."""

from django.db import migrations

import policies.models.fields

NAMED = ("person", "policy", "policyterms", "termsproposal")


def _several(model: str) -> list[migrations.operations.base.Operation]:
    text = {
        "person": {},
    }.get(
        model,
        {"help_text": "Tags, parted by commas. Empty: everybody. Otherwise the people who have one of them at least."},
    )
    field = policies.models.fields.AudienceField("audiences", **text)
    return [
        migrations.RenameField(model_name=model, old_name="audience_tag", new_name="audiences"),
        migrations.AlterField(model_name=model, name="audiences", field=field),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0015_rows_in_batches"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="person", name="person_by_audience"),
        *(step for model in NAMED for step in _several(model)),
    ]
