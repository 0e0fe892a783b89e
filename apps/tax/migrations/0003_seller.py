"""Who sells: one row, audited, there from the start, so that documents can be made at once."""

import apps.kernel.clock
import apps.kernel.ids
from django.conf import settings
from django.db import migrations, models

from apps.audit.operations import Audited

THE_ONE = "00000000-0000-7000-8000-000000000001"

STAYS = """
CREATE TRIGGER tax_seller_stays BEFORE DELETE ON tax_seller
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change('');
CREATE TRIGGER tax_seller_no_truncate BEFORE TRUNCATE ON tax_seller
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change('');
"""
LEAVES = "DROP TRIGGER tax_seller_stays ON tax_seller; DROP TRIGGER tax_seller_no_truncate ON tax_seller;"


def make_the_one(apps, schema_editor):
    apps.get_model("tax", "Seller").objects.create(
        id=THE_ONE, legal_name="Your company", country=settings.BILLING_COUNTRY
    )


class Migration(migrations.Migration):

    dependencies = [("tax", "0002_eu_vat_rates"), ("kernel", "0001_initial"), ("audit", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Seller",
            fields=[
                ("id", models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ("updated_at", models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("the_one", models.BooleanField(default=True, editable=False)),
                ("legal_name", models.CharField(max_length=255)),
                ("line1", models.CharField(blank=True, max_length=255)),
                ("line2", models.CharField(blank=True, max_length=255)),
                ("postal_code", models.CharField(blank=True, max_length=32)),
                ("city", models.CharField(blank=True, max_length=255)),
                ("region", models.CharField(blank=True, max_length=255)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=64)),
                ("registration", models.CharField(blank=True, help_text="Commercial register, court, directors.", max_length=255)),
                ("bank_name", models.CharField(blank=True, max_length=255)),
                ("iban", models.CharField(blank=True, max_length=34)),
                ("bic", models.CharField(blank=True, max_length=11)),
                ("footer", models.CharField(blank=True, max_length=500)),
                ("brand_color", models.CharField(default="#1f3a5f", max_length=7)),
                ("accent_color", models.CharField(default="#5b6b7f", max_length=7)),
                ("logo", models.TextField(blank=True, help_text="A data URL of an SVG or PNG picture.")),
            ],
            options={
                "ordering": ("-id",),
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("the_one",), name="tax_seller_one"),
                    models.CheckConstraint(condition=models.Q(("the_one", True)), name="tax_seller_the_one"),
                    models.CheckConstraint(
                        condition=models.Q(("brand_color__regex", "^#[0-9a-f]{6}$"), ("accent_color__regex", "^#[0-9a-f]{6}$")),
                        name="tax_seller_colors",
                    ),
                ],
            },
        ),
        Audited("tax_seller"),
        migrations.RunPython(make_the_one, migrations.RunPython.noop),
        migrations.RunSQL(STAYS, LEAVES),
    ]
