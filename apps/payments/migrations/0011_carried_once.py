"""Of an account one payment under way carries what earlier invoices owe: two would both hold the same small invoices."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_notice_origin")]

    operations = [
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                fields=["account"],
                condition=Q(status="PENDING", carried__gt=0),
                name="payments_one_carries_per_account",
            ),
        ),
    ]
