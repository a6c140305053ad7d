"""Languages are any tags (BCP 47), for people and for texts: the columns grow, what stands in them stays."""

from django.db import migrations

import policies.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0017_who_answered"),
    ]

    operations = [
        migrations.AlterField(
            model_name="accountmail",
            name="language",
            field=policies.models.fields.LanguageField(max_length=35),
        ),
        migrations.AlterField(
            model_name="act",
            name="language",
            field=policies.models.fields.LanguageField(max_length=35, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="act",
            name="locale",
            field=policies.models.fields.LanguageField(blank=True, max_length=35),
        ),
        migrations.AlterField(
            model_name="follower",
            name="language",
            field=policies.models.fields.LanguageField(default="en", max_length=35, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="mailtemplate",
            name="language",
            field=policies.models.fields.LanguageField(max_length=35),
        ),
        migrations.AlterField(
            model_name="person",
            name="language",
            field=policies.models.fields.LanguageField(default="en", max_length=35, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="policy",
            name="language",
            field=policies.models.fields.LanguageField(
                default="en",
                help_text="Its tag, such as de, pt-BR or zh-Hans.",
                max_length=35,
                verbose_name="authoritative language",
            ),
        ),
        migrations.AlterField(
            model_name="policyterms",
            name="language",
            field=policies.models.fields.LanguageField(
                default="en",
                help_text="Its tag, such as de, pt-BR or zh-Hans.",
                max_length=35,
                verbose_name="authoritative language",
            ),
        ),
        migrations.AlterField(
            model_name="termsproposal",
            name="language",
            field=policies.models.fields.LanguageField(
                default="en",
                help_text="Its tag, such as de, pt-BR or zh-Hans.",
                max_length=35,
                verbose_name="authoritative language",
            ),
        ),
        migrations.AlterField(
            model_name="translationproposal",
            name="language",
            field=policies.models.fields.LanguageField(max_length=35, verbose_name="language"),
        ),
        migrations.AlterField(
            model_name="versiontext",
            name="language",
            field=policies.models.fields.LanguageField(max_length=35, verbose_name="language"),
        ),
    ]
