"""Addresses of people may be international: a matter of what is taken, and of no row."""

from django.db import migrations

import policies.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0019_corrections"),
    ]

    operations = [
        migrations.AlterField(
            model_name="accountmail",
            name="address",
            field=policies.models.fields.AddressField(max_length=254),
        ),
        migrations.AlterField(
            model_name="follower",
            name="address",
            field=policies.models.fields.AddressField(
                max_length=254, validators=[policies.models.fields.validate_single_line], verbose_name="e-mail address"
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="address",
            field=policies.models.fields.AddressField(
                blank=True,
                max_length=254,
                validators=[policies.models.fields.validate_single_line],
                verbose_name="e-mail address",
            ),
        ),
    ]
