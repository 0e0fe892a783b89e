from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("plans", "0001_initial"),
        ("subscriptions", "0003_stopped_renewals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("status", "TRIAL")), fields=["trial_end"], name="subscriptions_trial"
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["start_date"], name="subscriptions_begun"),
        ),
    ]
