"""Lists of staff at ten million rows: of one endpoint, and of calls that went wrong."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0003_traceparent"), ("webhooks", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("outcome", "delivered"), _negated=True),
                fields=["outcome", "-id"],
                name="webhooks_attempt_failed",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["endpoint", "-id"], name="webhooks_delivery_endpoint"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("status", "DELIVERED")), fields=["endpoint", "-id"], name="webhooks_delivery_made"
            ),
        ),
    ]
