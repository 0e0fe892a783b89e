"""What an account owes, by an index that holds nothing else."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("invoices", "0006_chargeback_reversal")]

    operations = [
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                fields=["account", "id"],
                include=("total", "currency"),
                condition=Q(status="OPEN"),
                name="invoices_invoice_owed",
            ),
        ),
    ]
