"""What was recovered by what: lives against the sandbox, each recovered in another way, and the figures of all."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from apps.access.actions import create_api_key
from apps.accounts.models import Account
from apps.analytics import recovery as report
from apps.analytics.export import recovery_csv
from apps.analytics.periods import Interval, Period
from apps.analytics.recovery import Group, recovery
from apps.clocks.actions import create
from apps.clocks.models import TestClock
from apps.dunning.actions.cancel import NONPAYMENT
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.schedule import Scope
from apps.notifications.models import Message
from apps.payments import due
from apps.payments.actions import methods
from apps.payments.actions.retry import pay
from apps.payments.actions.transfer import Transfer, record_transfer
from apps.payments.models import Payment, PaymentMethod
from apps.payments.rules import Origin
from apps.subscriptions.actions.cancel import cancel
from tests.accounts.calls import Api
from tests.factories.invoices import invoice, payer
from tests.factories.payments import ACTOR, attach, run_sweep
from tests.factories.subscriptions import AT, make_subscription, with_card
from tests.stripe_sandbox.conftest import Sandbox

START = datetime(2026, 3, 1, 15, tzinfo=UTC)


def march(now: datetime, clock_id: UUID | None = None, currency: str = "") -> Period:
    return Period(date(2026, 3, 1), date(2026, 3, 31), Interval.MONTH, now, currency, clock_id)


def failing(life: TestClock, sandbox: Sandbox, amount: int, outcome: str = "insufficient_funds") -> Invoice:
    account = payer(test_clock_id=life.pk, timezone="UTC")
    card = attach(account)
    says(sandbox, account, outcome)
    one = invoice(amount, account=account, at=START)
    run_sweep()
    assert Payment.objects.get(invoice=one).status == "FAILED"
    assert card.is_default
    return one


def says(sandbox: Sandbox, account: Account, outcome: str) -> None:
    card = PaymentMethod.objects.get(account=account, is_default=True)
    body = {"payment_method": card.gateway_id, "outcome": outcome}
    assert sandbox.call("POST", "/_sandbox/payment_methods", body)[0] == 200


def later(life: TestClock, days: int) -> datetime:
    at = START + timedelta(days=days)
    TestClock.objects.filter(pk=life.pk).update(frozen_time=at)
    due.run(at, Scope(life.pk))
    run_sweep()
    return at


def told(one: Invoice, kind: str, *, ago: timedelta) -> None:
    """A message about it that was sent so long ago."""
    Message.objects.filter(invoice=one).delete()
    Message.objects.create(
        account=one.account, kind=kind, cause_id=one.pk, invoice=one, to="a@example.com", subject="s", text="t",
        status="SENT", sent_at=clock.wall() - ago,
    )  # fmt: skip


@pytest.fixture
def lives(books: str, sandbox: Sandbox) -> TestClock:
    """Seven invoices that failed on one day; the second retry, a card, the page, a person and a transfer save five."""
    life = create(name="life", frozen_time=START, actor=ACTOR)
    retried, carded, paged, asked, wired, lost, stolen = (
        failing(life, sandbox, amount, "stolen_card" if amount == 7000 else "insufficient_funds")
        for amount in (1000, 2000, 3000, 4000, 5000, 6000, 7000)
    )
    later(life, 3)
    says(sandbox, retried.account, "success")
    at = later(life, 5)
    assert Invoice.objects.get(pk=retried.pk).status == "PAID"
    told(carded, "payment_failed", ago=timedelta(days=8))
    methods.add(account_id=carded.account_id, token="pm_card_mastercard", set_as_default=True, at=at, actor=ACTOR)
    told(paged, "payment_reminder", ago=timedelta(hours=1))
    told(asked, "payment_failed", ago=timedelta(days=6))
    for one, origin in ((paged, Origin.PAGE), (asked, Origin.PERSON)):
        says(sandbox, one.account, "success")
        pay(invoice_id=one.pk, origin=origin, at=at, actor=ACTOR)
    run_sweep()
    at = later(life, 12)
    wire = Transfer(
        account_id=wired.account_id, invoice_id=wired.pk, amount=9000, currency="USD", method="bank_transfer",
        reference="r", received_at=at,
    )  # fmt: skip
    record_transfer(wire, at=at, actor=ACTOR)
    assert {lost.status, stolen.status} == {"OPEN"}
    life.refresh_from_db()
    return life


def figures(life: TestClock, **more: Any) -> list[Group]:
    return list(recovery(march(life.frozen_time, life.pk, **more)))


@pytest.mark.fr("SC-019")
def test_what_was_recovered_by_what(lives: TestClock, sandbox: Sandbox) -> None:
    whole, funds, stolen = figures(lives)
    assert [(each.reason, each.cases, each.failed) for each in (whole, funds, stolen)] == [
        (None, 7, 28000), ("insufficient_funds", 6, 21000), ("stolen_card", 1, 7000),
    ]  # fmt: skip
    by = {each.origin: (each.retry, each.message, each.cases, each.failed, each.amount) for each in funds.by}
    assert by == {
        "retry": (2, None, 1, 1000, 1000),
        "method": (None, None, 1, 2000, 2000),
        "page": (None, "payment_reminder", 1, 3000, 3000),
        "person": (None, "payment_failed", 1, 4000, 4000),
        "transfer": (None, None, 1, 5000, 5000),
        None: (None, None, 1, 6000, 0),
    }
    assert [(each.origin, each.amount) for each in stolen.by] == [(None, 0)]
    assert (whole.recovered_cases, whole.recovered, whole.rate) == (5, 15000, Decimal("0.5357"))
    assert (whole.ripe_failed, whole.ripe_recovered, whole.ripe_rate) == (28000, 10000, Decimal("0.3571"))
    assert whole.median_days == Decimal("5.0")
    paid = set(Invoice.objects.filter(status="PAID").values_list("pk", flat=True))
    ours = {str(pk) for pk in Invoice.objects.values_list("pk", flat=True)}  # others share the sandbox
    charged = {charge["metadata"]["invoice_id"] for charge in sandbox.charges()} & ours
    transferred = {str(each.invoice_id) for each in Payment.objects.filter(origin="transfer")}
    assert {str(each) for each in paid} == charged | transferred
    assert len(paid) == whole.recovered_cases


@pytest.mark.fr("SC-019")
def test_the_rate_within_ten_days_waits_for_them(lives: TestClock) -> None:
    [whole, *_] = recovery(march(START + timedelta(days=9), lives.pk))
    assert (whole.ripe_failed, whole.ripe_rate) == (0, None)


def test_what_a_bank_takes_back_is_not_recovered(lives: TestClock) -> None:
    paid = Payment.objects.get(origin="retry", status="SUCCEEDED")
    Payment.objects.filter(pk=paid.pk).update(amount_charged_back=600)
    whole = figures(lives)[0]
    assert (whole.recovered, whole.recovered_cases) == (14400, 5)
    Payment.objects.filter(pk=paid.pk).update(amount_charged_back=1000)
    assert figures(lives)[0].recovered_cases == 4
    Payment.objects.filter(pk=paid.pk).update(amount_charged_back=0)  # as the books have it


def test_whose_and_when(lives: TestClock) -> None:
    assert figures(lives, currency="EUR") == []
    assert list(recovery(march(lives.frozen_time))) == [], "of accounts on no clock"
    april = replace(march(lives.frozen_time, lives.pk), first=date(2026, 4, 1), last=date(2026, 4, 30))
    assert list(recovery(april)) == []
    Account.objects.update(timezone="Pacific/Kiritimati")
    Payment.objects.filter(attempt=1).update(settled_at=datetime(2026, 3, 31, 11, tzinfo=UTC))
    [whole, *_] = recovery(april)
    assert (whole.month, whole.cases) == ("2026-04", 7), "the first of April there"


def test_one_statement(lives: TestClock, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        figures(lives)


@pytest.mark.django_db
@pytest.mark.fr("SC-020")
def test_subscriptions_kept_and_lost() -> None:
    """Of those whose bills failed: which go on because they were paid, and which were cancelled for nonpayment."""
    kept, lost = (make_subscription(account=carded()) for _ in range(2))
    for made in (kept, lost):
        Payment.objects.filter(invoice__subscription_id=made.pk).update(
            status="FAILED", failure_code="insufficient_funds", settled_at=START, next_call_at=None
        )
    first = Payment.objects.get(invoice__subscription_id=kept.pk)
    Payment.objects.create(
        invoice=first.invoice, account=first.account, amount=first.amount, currency=first.currency, status="SUCCEEDED",
        method="card", attempt=2, origin="retry", settled_at=START + timedelta(days=3),
    )  # fmt: skip
    cancel(subscription_id=lost.pk, at_period_end=False, credit_unused=False, reason=NONPAYMENT, at=AT, actor=ACTOR)
    [whole, reason] = recovery(march(START + timedelta(days=30)))
    assert (whole.kept, whole.lost, reason.kept, reason.lost) == (1, 1, 1, 1)


def carded() -> Account:
    account = payer()
    with_card(account)
    return account


def test_the_file(lives: TestClock) -> None:
    rows = list(csv.DictReader(b"".join(recovery_csv(figures(lives))).decode().splitlines()))
    assert len(rows) == 7
    assert sum(int(row["failed_amount"]) for row in rows) == 28000
    assert sum(int(row["recovered_amount"]) for row in rows) == 15000
    assert {row["origin"] for row in rows} == {"retry", "method", "page", "person", "transfer", "not recovered"}


@pytest.mark.django_db
@pytest.mark.fr("FR-119")
def test_the_route() -> None:
    api = Api()
    answer = api.get("/analytics/recovery?from=2026-01&to=2026-03")
    assert (answer.status_code, answer.json()) == (200, {"data": []})
    for path in ("export?report=recovery", "recovery/export"):
        file = api.get(f"/analytics/{path}")
        assert file["Content-Type"] == "text/csv; charset=utf-8"
        assert b"".join(file.streaming_content).startswith(b"month,currency,reason,origin")
        assert ("Sunset" in file) == (path == "recovery/export")
    for query, code in (
        ("from=2026-13", "parameter_invalid"), ("to=tomorrow", "parameter_invalid"),
        ("from=0001-01", "parameter_invalid"),
        ("from=2026-04&to=2026-03", "range_invalid"), ("from=2000-01&to=2026-03", "range_invalid"),
        ("currency=XXX", "currency_unknown"), ("test_clock_id=x", "test_clock_unknown"),
        ("test_clock_id=01980000-0000-7000-8000-000000000009", "test_clock_unknown"), ("what=1", "unknown_parameter"),
    ):  # fmt: skip
        for path in ("recovery?", "export?report=recovery&"):
            refused = api.get(f"/analytics/{path}{query}")
            assert refused.json()["code"] == code, query
            assert refused.json()["hint"]


@pytest.mark.django_db
@pytest.mark.fr("FR-139")
@pytest.mark.parametrize(
    ("role", "status"), [("super_admin", 200), ("billing_admin", 200), ("support_rep", 403), ("finance_viewer", 200)]
)
def test_roles(role: str, status: int, client: Any) -> None:
    key = create_api_key(name="t", role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)[1]
    for path in ("recovery", "mrr", "churn", "ltv", "usage", "revenue", "export?report=recovery"):
        answer = client.get(f"/v1/analytics/{path}", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status
    assert client.get("/v1/analytics/recovery").status_code == 401


@pytest.mark.django_db
def test_its_plan_walks_no_table_for_each_case() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + report._STATEMENT, report_arguments())
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "payments_failed_when" in plan
    inner = [line for line in plan.splitlines() if "Seq Scan" in line]
    assert inner == [], plan


def report_arguments() -> dict[str, Any]:
    return {
        "since": START, "until": START + timedelta(days=40), "first": "2026-03", "last": "2026-03", "now": START,
        "currency": "", "clock": None, "within": 10, "message_days": 7,
    }  # fmt: skip
