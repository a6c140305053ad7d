"""A right for answers given on paper or by phone: support and counsel record them."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RIGHT = "record_answer"
ROLES = ("counsel", "support")


def give_rights(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Permissions are otherwise made only after the last migration, too late for the roles.
    config = apps.get_app_config("policies")
    config.models_module = True  # type: ignore[assignment]
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    right = Permission.objects.filter(content_type__app_label="policies", codename=RIGHT)
    for group in Group.objects.filter(name__in=ROLES):
        group.permissions.add(*right)


class Migration(migrations.Migration):
    dependencies = [("policies", "0022_moved_people")]
    operations = [
        migrations.AlterModelOptions(
            name="person",
            options={
                "permissions": [
                    ("import_people", "Can add and change people from a file"),
                    ("waive_requirement", "Can waive an answer for one person"),
                    ("record_answer", "Can record an answer given on paper or by phone"),
                ],
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
        migrations.RunPython(give_rights, migrations.RunPython.noop),
    ]
