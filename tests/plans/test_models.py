"""What PostgreSQL itself refuses of plans: a version and its prices stand for ever."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.kernel.ids import uuid7
from apps.kernel.periods import Interval, Unit
from apps.plans.models import Charge, Plan, PlanVersion, Price
from tests.factories.plans import CALLS, make_plan

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
        "UPDATE plans_planversion SET commitment = '{}'",
        "UPDATE plans_charge SET prices = '{}'",
        "DELETE FROM plans_charge",
        "TRUNCATE plans_charge",
    ],
)
def test_raw_sql_cannot_change_a_version_or_its_prices(statement: str) -> None:
    make_plan(charges=[CALLS], commitment={"USD": 5})
    with pytest.raises(DatabaseError), transaction.atomic():
        _execute(statement)
    assert (PlanVersion.objects.get().commitment, Charge.objects.count()) == ({"USD": 5}, 1)
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


CHARGE = {
    "position": 0, "key": "k", "metric": "m", "aggregation": "sum", "model": "per_unit", "prices": {"USD": {}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"aggregation": "avg"}, "plans_charge_aggregation"),
        ({"model": "flat"}, "plans_charge_model"),
        ({"cap_behavior": "reject"}, "plans_charge_cap"),
        ({"cap": 0}, "plans_charge_positive"),
        ({"package_size": -1}, "plans_charge_positive"),
        ({"key": "recurring"}, "plans_charge_not_recurring"),
        ({"unique_by": "user"}, "plans_charge_unique_by"),
    ],
)
def test_charges_that_are_none_cannot_be_stored(fields: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Charge.objects.create(plan_version_id=uuid7(), **{**CHARGE, **fields})


@pytest.mark.parametrize("double", [{"position": 1}, {"key": "other"}])
def test_key_and_position_of_charges_are_unique(double: dict[str, object]) -> None:
    version = uuid7()
    Charge.objects.create(plan_version_id=version, **CHARGE)
    with pytest.raises(IntegrityError, match=r"plans_charge_(key|position)"), transaction.atomic():
        Charge.objects.create(plan_version_id=version, **{**CHARGE, **double})
    Price.objects.create(plan_version_id=version, currency="USD", amount=1)
    PlanVersion.objects.create(id=version, plan=make_plan(), version=2, interval="month")


@pytest.mark.fr("FR-022")
def test_a_version_is_whole_when_it_is_written_and_nothing_comes_later() -> None:
    plan = make_plan()
    version = plan.versions.get()
    with pytest.raises(IntegrityError, match="other prices are another version"), transaction.atomic():
        Charge.objects.create(plan_version=version, **CHARGE)
    for prices, commitment, words in (
        ({"EUR": {}}, {}, "currencies of its prices"),
        ({"USD": {}, "EUR": {}}, {}, "currencies of its prices"),
        ({"USD": {}}, {"EUR": 1}, "commitment"),
        ({"USD": {}}, {"USD": 0}, "commitment"),
        ({"USD": {}}, {"USD": 1.5}, "commitment"),
    ):
        following = PlanVersion(id=uuid7(), plan=plan, version=2, interval="month", commitment=commitment)
        with pytest.raises(IntegrityError, match=words), transaction.atomic():
            _write(following, prices)
    assert PlanVersion.objects.count() == 1


def _write(version: PlanVersion, prices: dict[str, object]) -> None:
    Price.objects.create(plan_version=version, currency="USD", amount=1)
    Charge.objects.create(plan_version=version, **{**CHARGE, "prices": prices})
    version.save(force_insert=True)


def _execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
