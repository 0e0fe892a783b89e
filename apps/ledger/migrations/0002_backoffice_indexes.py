from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("kind__in", ["credit_use", "issue", "payment", "recognition"]), _negated=True),
                fields=["kind", "-id"],
                name="ledger_entry_rare",
            ),
        ),
    ]
