from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("invoices", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["currency", "-id"], name="invoices_invoice_currency"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("status", "OPEN")),
                fields=["-id", "currency", "due_date"],
                include=("total", "account"),
                name="invoices_invoice_open",
            ),
        ),
    ]
