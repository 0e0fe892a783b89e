"""VAT numbers and what VIES said of them; those that accounts have already are to be asked about."""

import apps.kernel.clock
import apps.kernel.ids
import django.db.models.deletion
from django.db import migrations, models

from apps.audit.operations import Audited
from apps.kernel.operations import AppendOnly
from apps.tax.vat_rules import read

STATUSES = [("PENDING", "PENDING"), ("VALID", "VALID"), ("INVALID", "INVALID")]

# A number stands as an answer about this very number says, whoever writes it.
SAYS_SO = """
ALTER TABLE tax_taxid ADD CONSTRAINT tax_taxid_says_so FOREIGN KEY (latest_id, id, status)
    REFERENCES tax_consultation (id, about_id, status);
"""
SAYS_IT_NO_MORE = "ALTER TABLE tax_taxid DROP CONSTRAINT tax_taxid_says_so;"


def queue(apps_then, schema_editor):
    """Those of accounts that are there: later ones are queued as they come."""
    accounts = apps_then.get_model("accounts", "Account").objects.filter(deleted_at=None).exclude(tax_id="")
    found = {read(text) for text in accounts.values_list("tax_id", flat=True).distinct().iterator()}
    now = apps.kernel.clock.wall()
    tax_id = apps_then.get_model("tax", "TaxId")
    rows = (
        tax_id(number=str(number), country=number.country, watched=True, next_call_at=now)
        for number in sorted(filter(None, found), key=str)
    )
    tax_id.objects.bulk_create(rows, batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [("tax", "0003_seller"), ("accounts", "0002_deletion"), ("audit", "0001_initial"), ("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TaxId",
            fields=[
                ("id", models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ("updated_at", models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("number", models.CharField(max_length=16, unique=True)),
                ("country", models.CharField(max_length=2)),
                ("status", models.CharField(choices=STATUSES, default="PENDING", max_length=7)),
                ("watched", models.BooleanField(default=False)),
                ("calls", models.PositiveIntegerField(default=0)),
                ("next_call_at", models.DateTimeField(blank=True, null=True)),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "VAT number",
                "ordering": ("-id",),
                "abstract": False,
                "indexes": [
                    models.Index(condition=models.Q(("next_call_at__isnull", False)), fields=["next_call_at"], name="tax_taxid_to_ask"),
                    models.Index(fields=["status", "-id"], name="tax_taxid_of_status"),
                    models.Index(fields=["country", "-id"], name="tax_taxid_of_country"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consultation",
            fields=[
                ("id", models.UUIDField(default=apps.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(default=apps.kernel.clock.wall, editable=False)),
                ("about", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="consultations", to="tax.taxid")),
                ("status", models.CharField(choices=STATUSES, max_length=7)),
                ("name", models.CharField(blank=True, max_length=500)),
                ("address", models.CharField(blank=True, max_length=1000)),
                ("consultation_number", models.CharField(blank=True, max_length=64)),
                ("requester", models.CharField(blank=True, max_length=16)),
                ("request_date", models.CharField(blank=True, help_text="As VIES wrote it.", max_length=40)),
            ],
            options={
                "ordering": ("-id",),
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("status__in", ["VALID", "INVALID"])), name="tax_consultation_says"),
                    models.UniqueConstraint(fields=("id", "about", "status"), name="tax_consultation_whole"),
                ],
            },
        ),
        migrations.AddField(
            model_name="taxid",
            name="latest",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tax.consultation"),
        ),
        migrations.AddConstraint(
            model_name="taxid",
            constraint=models.CheckConstraint(condition=models.Q(("status__in", ["PENDING", "VALID", "INVALID"])), name="tax_taxid_status_known"),
        ),
        migrations.AddConstraint(
            model_name="taxid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latest__isnull", True), ("status", "PENDING")),
                    models.Q(("latest__isnull", False), ("status__in", ["VALID", "INVALID"])),
                    _connector="OR",
                ),
                name="tax_taxid_as_vies_said",
            ),
        ),
        migrations.AddConstraint(
            model_name="taxid",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lease_token__isnull", True), ("lease_until__isnull", True)),
                    models.Q(("lease_token__isnull", False), ("lease_until__isnull", False)),
                    _connector="OR",
                ),
                name="tax_taxid_lease_whole",
            ),
        ),
        migrations.RunSQL(SAYS_SO, SAYS_IT_NO_MORE),
        Audited("tax_taxid"),
        AppendOnly("tax_consultation"),
        migrations.RunPython(queue, migrations.RunPython.noop),
    ]
