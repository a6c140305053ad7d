"""A version may be brought forward until its mails begin to go out, judged anew by the promise in force."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0030_changes_of_date"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="datechange",
            options={"ordering": ["at", "id"]},
        ),
        migrations.RemoveConstraint(
            model_name="datechange",
            name="postponed_to_later_only",
        ),
        migrations.AddField(
            model_name="datechange",
            name="override_reason",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="datechange",
            name="untold",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="notice",
            name="effective_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="names the effect"),
        ),
        migrations.AddField(
            model_name="notice",
            name="begun_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="begun"),
        ),
        migrations.AddField(
            model_name="promisecheck",
            name="date_change",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="promise_check",
                to="policies.datechange",
            ),
        ),
        migrations.AlterField(
            model_name="datechange",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="date_changes", to="policies.version"
            ),
        ),
        migrations.AlterField(
            model_name="promisecheck",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="promise_checks", to="policies.version"
            ),
        ),
        migrations.AlterField(
            model_name="webhookmessage",
            name="kind",
            field=models.CharField(
                choices=[
                    ("version.published", "a version was published"),
                    ("version.effective", "a version took effect"),
                    ("version.postponed", "a version was postponed"),
                    ("version.brought_forward", "a version was brought forward"),
                    ("version.withdrawn", "a version was withdrawn before it took effect"),
                    ("notice.opened", "the mails of a notice begin to go out"),
                    ("notice.finished", "a notice is done"),
                    ("act.recorded", "somebody answered"),
                    ("person.erased", "a person was erased"),
                    ("webhook.test", "a test call"),
                ],
                max_length=30,
                verbose_name="type",
            ),
        ),
        migrations.AddConstraint(
            model_name="datechange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("effective_at__gt", models.F("was_effective_at")),
                    models.Q(("effective_at__lt", models.F("was_effective_at")), ("untold", True)),
                    _connector="OR",
                ),
                name="brought_forward_only_where_nobody_was_told",
            ),
        ),
        migrations.AddConstraint(
            model_name="promisecheck",
            constraint=models.UniqueConstraint(
                condition=models.Q(("date_change", None)), fields=("version",), name="one_promise_check_per_publication"
            ),
        ),
    ]
