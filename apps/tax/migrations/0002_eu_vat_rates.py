"""Standard VAT rates of the 27 member states as they stood on 1 January 2024, with every change since.

Checked, each rate and each date, against two published data sets: duty27-eu-vat 0.1.0 (as of 2026-10-04) and
eu-vat-rates-data 2026.9.29. They are a start, not advice: the table is kept in the admin and by /v1/tax/rates. Nothing is charged until the
seller registers somewhere. Greece is GR here, as in ISO 3166 (EL in VAT numbers).
"""

from datetime import date
from decimal import Decimal

from django.db import migrations
from django.db.backends.postgresql.psycopg_any import DateRange

START = date(2024, 1, 1)
LISTED = "standard rate, as in duty27-eu-vat 0.1.0 and eu-vat-rates-data 2026.9.29"

SINCE_START = {
    "AT": "20", "BE": "21", "BG": "20", "CY": "19", "CZ": "21", "DE": "19", "DK": "25", "ES": "21", "FR": "20",
    "GR": "24", "HR": "25", "HU": "27", "IE": "23", "IT": "22", "LT": "21", "LU": "17", "LV": "21", "MT": "18",
    "NL": "21", "PL": "23", "PT": "23", "SE": "25", "SI": "22",
}
# country: rate on 1 January 2024, day of the change, rate from then on
CHANGED = {
    "EE": ("22", date(2025, 7, 1), "24"),
    "FI": ("24", date(2024, 9, 1), "25.5"),
    "RO": ("19", date(2025, 8, 1), "21"),
    "SK": ("20", date(2025, 1, 1), "23"),
}


def rows():
    for country, rate in SINCE_START.items():
        yield country, rate, START, None, LISTED
    for country, (before, day, after) in CHANGED.items():
        yield country, before, START, day, LISTED
        yield country, after, day, None, f"{LISTED}, changed on {day}"


def seed(apps, schema_editor):
    rate_model = apps.get_model("tax", "TaxRate")
    rate_model.objects.using(schema_editor.connection.alias).bulk_create(
        rate_model(
            jurisdiction=country, category="standard", name="VAT", rate=Decimal(rate), valid=DateRange(start, end),
            source=source,
        )
        for country, rate, start, end, source in sorted(rows(), key=lambda row: (row[0], row[2]))
    )


class Migration(migrations.Migration):
    dependencies = [("tax", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
