"""The gateway's names are unique by constraints of ours: `unique` adds an index for LIKE, which nobody asks by."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("payments", "0011_carried_once")]

    operations = [
        migrations.AlterField(
            model_name="gatewaynotice", name="gateway_event_id", field=models.CharField(max_length=255)
        ),
        migrations.AlterField(
            model_name="payment",
            name="gateway_transaction_id",
            field=models.CharField(blank=True, max_length=255, null=True),
        ),
        migrations.AddConstraint(
            model_name="gatewaynotice",
            constraint=models.UniqueConstraint(fields=["gateway_event_id"], name="payments_notice_once"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                fields=["gateway_transaction_id"],
                condition=Q(gateway_transaction_id__isnull=False),
                name="payments_one_per_gateway_transaction",
            ),
        ),
    ]
