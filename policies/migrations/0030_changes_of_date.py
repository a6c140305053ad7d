"""A postponement becomes a change of date. The table keeps its name: what was bound of its rows names it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0029_public_changes"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Postponement", "DateChange"),
                migrations.AlterModelTable("DateChange", "policies_postponement"),
            ]
        ),
    ]
