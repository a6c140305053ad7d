"""Rights for what came with 0003: counsel and support waive answers, a new role keeps keys and webhooks."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RIGHTS = {
    "counsel": ("waive_requirement", "import_people", "view_deletionrequest", "change_deletionrequest"),
    "integrator": (
        "view_policy",
        "view_version",
        "view_apikey",
        "add_apikey",
        "change_apikey",
        "view_webhookendpoint",
        "add_webhookendpoint",
        "change_webhookendpoint",
    ),
    "support": ("waive_requirement", "view_deletionrequest", "change_deletionrequest"),
}


def give_rights(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Permissions are otherwise made only after the last migration, too late for the roles.
    config = apps.get_app_config("policies")
    config.models_module = True  # type: ignore[assignment]
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codenames in RIGHTS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(*Permission.objects.filter(content_type__app_label="policies", codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("policies", "0003_webhooks_waivers_use")]
    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
