"""Adding rates and registrations."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from apps.audit.models import Entry
from apps.kernel.errors import DomainError
from apps.tax.models import Registration, TaxRate
from tests.factories.tax import rate, registered

pytestmark = pytest.mark.django_db


@pytest.mark.fr("FR-097")
def test_a_new_rate_ends_the_one_before():
    first = rate("JP", "8", start=date(2014, 4, 1))
    second = rate("JP", "10", start=date(2019, 10, 1))
    first.refresh_from_db()
    assert (first.valid, first.version) == (DateRange(date(2014, 4, 1), date(2019, 10, 1)), 2)
    assert second.valid == DateRange(date(2019, 10, 1), None)
    assert [row.operation for row in Entry.objects.filter(row_id=str(first.pk)).order_by("id")] == ["INSERT", "UPDATE"]


@pytest.mark.parametrize(
    ("start", "end"), [(date(2014, 4, 1), None), (date(2010, 1, 1), None), (date(2010, 1, 1), date(2014, 4, 2))]
)
def test_days_belong_to_one_rate(start, end):
    rate("JP", "8", start=date(2014, 4, 1))
    with pytest.raises(DomainError) as refusal:
        rate("JP", "9", start=start, end=end)
    assert refusal.value.code == "rate_overlaps"
    assert rate("JP", "8", category="food", start=start, end=end).category == "food"


def test_registered_once_at_a_time():
    registered("DE", end=date(2025, 1, 1))
    registered("DE", start=date(2025, 1, 1))
    with pytest.raises(DomainError) as refusal:
        registered("DE", start=date(2030, 1, 1))
    assert refusal.value.code == "registration_overlaps"


@pytest.mark.parametrize("add", [lambda **days: rate("JP", "8", **days), lambda **days: registered("JP", **days)])
def test_days_run_forwards(add):
    with pytest.raises(DomainError) as refusal:
        add(start=date(2026, 1, 1), end=date(2026, 1, 1))
    assert refusal.value.code == "dates_reversed"


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        (
            lambda: TaxRate(jurisdiction="DE", name="x", rate=1, valid=DateRange(date(2026, 1, 1))),
            "tax_taxrate_no_overlap",
        ),
        (
            lambda: TaxRate(jurisdiction="JP", name="x", rate=101, valid=DateRange(date(2026, 1, 1))),
            "tax_taxrate_percent",
        ),
        (
            lambda: TaxRate(jurisdiction="JP", name="x", rate=1, valid=DateRange(empty=True)),
            "tax_taxrate_valid_some_day",
        ),
        (lambda: Registration(country="JP", valid=DateRange(empty=True)), "tax_registration_valid_some_day"),
    ],
)
def test_rows_that_make_no_sense(row, constraint):
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        row().save()


def test_rows_say_what_they_are():
    assert str(rate("JP", "8")) == "JP standard 8 %"
    assert str(registered("JP")) == "JP"
