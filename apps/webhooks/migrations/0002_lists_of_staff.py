"""Lists of staff at ten million rows: of one endpoint, and of calls that went wrong."""

from django.db import migrations, models

# A dead endpoint has failures alone, and a sound one next to none: who takes the two for independent reads millions.
TOGETHER = "CREATE STATISTICS webhooks_delivery_together (mcv) ON endpoint_id, status FROM webhooks_delivery"


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
            index=models.Index(fields=["endpoint", "status", "-id"], name="webhooks_delivery_state"),
        ),
        migrations.RunSQL(TOGETHER, "DROP STATISTICS webhooks_delivery_together"),
    ]
