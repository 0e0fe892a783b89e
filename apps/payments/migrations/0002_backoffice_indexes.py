from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("invoices", "0002_backoffice_indexes"),
        ("payments", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="gatewaynotice",
            index=models.Index(fields=["object_id"], name="payments_notice_object"),
        ),
        migrations.AddIndex(
            model_name="gatewaynotice",
            index=models.Index(
                condition=models.Q(("event_type", "payment_intent.succeeded"), _negated=True),
                fields=["event_type", "-id"],
                name="payments_notice_rare",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(condition=models.Q(("status", "FAILED")), fields=["-id"], name="payments_failed"),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("settled_at__isnull", False)),
                fields=["settled_at"],
                include=("id", "status", "currency", "amount", "amount_refunded", "account"),
                name="payments_collected",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["currency", "-id"], name="payments_currency"),
        ),
    ]
