"""The desk's roles: author, approver, publisher, counsel (reads evidence) and support (one person at a time)."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

READ = (
    "view_policy",
    "view_version",
    "view_versiontext",
    "view_revision",
    "view_review",
    "view_promise",
    "view_promisetier",
    "view_notice",
    "view_auditevent",
)
ROLES = {
    "author": (
        *READ,
        "add_policy",
        "change_policy",
        "add_version",
        "change_version",
        "delete_version",
        "add_tier",
        "change_tier",
        "delete_tier",
        "add_versiontext",
        "change_versiontext",
        "delete_versiontext",
        "add_promise",
        "add_promisetier",
    ),
    "approver": (*READ, "approve_version"),
    "publisher": (*READ, "publish_version", "change_notice"),
    "counsel": (
        *READ,
        "view_evidence",
        "view_person",
        "view_act",
        "view_delivery",
        "view_deliveryattempt",
        "view_ledgerleaf",
        "view_checkpoint",
    ),
    "support": ("view_policy", "view_version", "view_person", "view_act"),
}


def add_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    # Permissions are otherwise made only after the last migration, too late for the roles.
    config = apps.get_app_config("policies")
    config.models_module = True  # type: ignore[assignment]
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for role, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(Permission.objects.filter(content_type__app_label="policies", codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0001_first"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(add_roles, migrations.RunPython.noop)]
