"""What a policy is becomes data. Until now its address was asked for it, and so its address says it once more."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KINDS = [
    ("privacy", "Privacy policy"),
    ("terms", "Terms of service"),
    ("cookies", "Cookie policy"),
    ("acceptable_use", "Acceptable use policy"),
    ("data_processing", "Data processing agreement"),
    ("other", "Another policy"),
]


def read_addresses(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As pages said it until now: "privacy" in an address counted before "terms"."""
    policies = apps.get_model("policies", "Policy").objects
    policies.filter(slug__contains="terms").update(kind="terms")
    policies.filter(slug__contains="privacy").update(kind="privacy")


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0033_deliverability"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="kind",
            field=models.CharField(
                choices=KINDS,
                default="other",
                help_text="Said to browsers, crawlers and programs. No rule depends on it.",
                max_length=15,
                verbose_name="what it is",
            ),
        ),
        migrations.RunPython(read_addresses, migrations.RunPython.noop),
    ]
