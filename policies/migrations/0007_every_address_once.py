"""One table of all addresses, present and former: each belongs to one policy for ever."""

from typing import Any

import django.db.models.deletion
from django.core.management.base import CommandError
from django.db import migrations, models

ANOTHER_ADDRESS = "UPDATE policies_policy SET slug = 'a-new-address' WHERE id = "


def take_former_addresses_over(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    """The present ones are written down when the guards are installed, after this."""
    policies = {policy.slug: policy for policy in apps.get_model("policies", "Policy").objects.all()}
    former = list(apps.get_model("policies", "OldSlug").objects.select_related("policy"))
    clashes = [old for old in former if old.slug in policies and policies[old.slug].pk != old.policy_id]
    if clashes:
        raise CommandError("\n".join(_in_words(old, policies[old.slug]) for old in clashes))
    address = apps.get_model("policies", "PolicyAddress")
    address.objects.bulk_create(address(slug=old.slug, policy_id=old.policy_id) for old in former)


def _in_words(old: Any, holder: Any) -> str:
    return (
        f"Not migrated. The address “{old.slug}” once was that of “{old.policy.title}” (policy"
        f" {old.policy_id}), and now is that of “{holder.title}” (policy {holder.pk}): links in mails about the first"
        " show the second. Give the second a new address of its own, then run migrate again; the old links work again, too:"
        f" {ANOTHER_ADDRESS}{holder.pk};"
    )


def drop_the_function_of_the_dropped_guards(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS guard_policies_oldslug()")


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0006_lean_index_of_what_is_due"),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyAddress",
            fields=[
                ("slug", models.SlugField(max_length=80, primary_key=True, serialize=False)),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="addresses", to="policies.policy"
                    ),
                ),
            ],
        ),
        migrations.RunPython(take_former_addresses_over),
        migrations.DeleteModel(name="OldSlug"),
        migrations.RunPython(drop_the_function_of_the_dropped_guards),
    ]
