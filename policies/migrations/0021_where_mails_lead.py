"""Mails may lead to the own product of the organization for an answer."""

from django.db import migrations, models

import policies.models.policies


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0020_international_addresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="answer_at",
            field=models.CharField(
                blank=True,
                help_text="A page of your own product, such as https://app.example.org/terms?of={policy}&v={version}, which hands people over. Empty: what the site is set to, else the answer page here. For mails written from now on.",
                max_length=500,
                validators=[policies.models.policies.validate_answer_at],
                verbose_name="mails lead for an answer to",
            ),
        ),
    ]
