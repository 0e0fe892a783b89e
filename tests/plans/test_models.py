"""What PostgreSQL itself refuses of plans: a version and its prices stand for ever."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.kernel.ids import uuid7
from apps.kernel.periods import Interval, Unit
from apps.plans.models import Plan, PlanVersion, Price
from tests.factories.plans import make_plan

pytestmark = pytest.mark.django_db


@pytest.mark.fr("FR-022")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE plans_planversion SET trial_days = 5",
        "UPDATE plans_planversion SET features = '{}'",
        "DELETE FROM plans_planversion",
        "TRUNCATE plans_planversion CASCADE",
        "UPDATE plans_price SET amount = amount + 1",
        "UPDATE plans_price SET currency = 'EUR'",
        "DELETE FROM plans_price",
        "TRUNCATE plans_price",
    ],
)
def test_raw_sql_cannot_change_a_version_or_its_prices(statement: str) -> None:
    make_plan()
    with pytest.raises(DatabaseError), transaction.atomic():
        _execute(statement)
    assert PlanVersion.objects.get().trial_days == 0
    assert Price.objects.get().amount == 4900


@pytest.mark.fr("FR-022")
def test_raw_sql_cannot_add_a_price_to_a_version_that_stands() -> None:
    version = make_plan().versions.get()
    with pytest.raises(IntegrityError, match="other prices are another version"), transaction.atomic():
        _execute(
            "INSERT INTO plans_price (id, created_at, plan_version_id, currency, amount)"
            " VALUES (%s, now(), %s, 'EUR', 1)",
            uuid7(), version.pk,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"interval": "hour"}, "plans_version_interval"),
        ({"interval": "month", "interval_count": 0}, "plans_version_interval_count"),
        ({"interval": "month", "trial_days": 731}, "plans_version_trial_days"),
        ({"interval": "month", "trial_usage": "half"}, "plans_version_trial_usage"),
        ({"interval": "month", "tax_behavior": "none"}, "plans_version_tax_behavior"),
        ({"interval": "month", "version": 1}, "plans_version_unique"),
    ],
)
def test_terms_that_are_none_cannot_be_stored(fields: dict[str, object], constraint: str) -> None:
    plan = make_plan()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PlanVersion.objects.create(plan=plan, **{"version": 2, **fields})


@pytest.mark.parametrize(
    ("currency", "amount", "constraint"),
    [
        ("USD", -1, "plans_price_bounds"),
        ("USD", 10**15 + 1, "plans_price_bounds"),
        ("XXX", 1, "plans_price_currency_known"),
    ],
)
def test_prices_that_are_none_cannot_be_stored(currency: str, amount: int, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Price.objects.create(plan_version_id=uuid7(), currency=currency, amount=amount)


def test_the_key_is_unique() -> None:
    make_plan(key="pro")
    with pytest.raises(IntegrityError, match="plans_plan_key"), transaction.atomic():
        Plan.objects.create(key="pro", name="x")


@pytest.mark.fr("FR-017")
def test_a_version_knows_its_calendar() -> None:
    version = make_plan(name="Pro", interval="month", interval_count=3).versions.get()
    assert version.recurrence == Interval(Unit.MONTH, 3)
    assert str(version) == f"{version.plan_id} v1"
    assert str(version.plan) == "Pro"
    assert str(version.prices.get()) == "4900 USD"


def _execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
