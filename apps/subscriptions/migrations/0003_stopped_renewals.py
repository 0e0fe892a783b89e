from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("subscriptions", "0002_runs_and_changes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("billing_error", ""), _negated=True),
                fields=["next_billing_at", "id"],
                name="subscriptions_stopped",
            ),
        ),
        migrations.AddConstraint(
            model_name="runfailure",
            constraint=models.UniqueConstraint(
                fields=("run", "subscription"), name="subscriptions_one_failure_per_run"
            ),
        ),
    ]
