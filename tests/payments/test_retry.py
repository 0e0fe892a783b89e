"""Failed payments are tried again on their days, by whatever method works, and never two at once."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from apps.accounts.models import Account
from apps.clocks.actions import create
from apps.clocks.models import TestClock
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.kernel.schedule import Scope
from apps.payments import due, queries
from apps.payments.actions import methods
from apps.payments.actions.retry import pay
from apps.payments.models import Payment, PaymentMethod
from apps.payments.rules import next_retry
from tests.factories.invoices import invoice, payer
from tests.factories.payments import ACTOR, attach, known_method, opened, run_sweep
from tests.payments.signed import deliver, endpoint
from tests.stripe_sandbox.conftest import Sandbox

START = datetime(2026, 3, 1, 15, tzinfo=UTC)


def outcome(sandbox: Sandbox, method: PaymentMethod, wanted: str | None) -> None:
    body = {"payment_method": method.gateway_id, "outcome": wanted}
    assert sandbox.call("POST", "/_sandbox/payment_methods", body)[0] == 200


class Life:
    """An account on a clock of its own, with an invoice that its card does not pay."""

    def __init__(self, sandbox: Sandbox, *, decline: str = "insufficient_funds", timezone: str = "Europe/Berlin"):
        self.sandbox = sandbox
        self.clock = create(name="life", frozen_time=START, actor=ACTOR)
        self.account: Account = payer(test_clock_id=self.clock.pk, timezone=timezone)
        self.card = attach(self.account)
        outcome(sandbox, self.card, decline)
        self.invoice: Invoice = invoice(4900, account=self.account)
        run_sweep()

    @property
    def scope(self) -> Scope:
        return Scope(self.clock.pk)

    def to(self, at: datetime) -> int:
        """Move on and do what is due."""
        TestClock.objects.filter(pk=self.clock.pk).update(frozen_time=at)
        done = due.run(at, self.scope)
        run_sweep()
        return done

    def attempts(self) -> list[tuple[int, str, str]]:
        rows = Payment.objects.filter(invoice=self.invoice).order_by("attempt")
        return list(rows.values_list("attempt", "status", "failure_code"))

    def next(self) -> datetime | None:
        return due.earliest(datetime(2100, 1, 1, tzinfo=UTC), self.scope)

    def through(self) -> list[datetime]:
        """Every retry until there is none."""
        found = []
        while (at := self.next()) is not None:
            found.append(at)
            assert self.to(at) == 1
            assert len(found) < 20
        return found

    def told(self, *types: str) -> list[str]:
        rows = Event.objects.filter(account_id=self.account.pk, event_type__in=types).order_by("created_at", "pk")
        return list(rows.values_list("event_type", flat=True))

    def charges(self) -> list[Any]:
        return self.sandbox.charges(invoice_id=str(self.invoice.pk))


@pytest.fixture
def life(books: str, sandbox: Sandbox) -> Callable[..., Life]:
    return lambda **options: Life(sandbox, **options)


@pytest.mark.fr("FR-060")
def test_the_dates() -> None:
    first = date(2026, 3, 1)
    found = [next_retry(first, first, "Europe/Berlin")]
    while found[-1] is not None:
        found.append(next_retry(first, found[-1].date(), "Europe/Berlin"))
    assert found == [
        datetime(2026, 3, 4, 9, tzinfo=UTC), datetime(2026, 3, 6, 9, tzinfo=UTC), datetime(2026, 3, 8, 9, tzinfo=UTC),
        datetime(2026, 3, 11, 9, tzinfo=UTC), None,
    ]  # fmt: skip
    # Clocks go forward on 29 March there: ten in the morning stays ten in the morning.
    assert next_retry(date(2026, 3, 26), date(2026, 3, 26), "Europe/Berlin") == datetime(2026, 3, 29, 8, tzinfo=UTC)


@pytest.mark.fr("FR-060", "FR-068")
def test_a_failure_is_tried_again_on_its_days_and_then_no_more(life: Callable[..., Life]) -> None:
    one = life()
    assert one.through() == [datetime(2026, 3, day, 9, tzinfo=UTC) for day in (4, 6, 8, 11)]
    assert one.attempts() == [(number, "FAILED", "insufficient_funds") for number in range(1, 6)]
    assert len(set(Payment.objects.values_list("gateway_transaction_id", flat=True))) == 5
    assert queries.retries_exhausted([one.account.pk]) == {one.account.pk}
    assert one.told("payment.retries_exhausted") == ["payment.retries_exhausted"]
    said = Event.objects.filter(event_type="payment.failed").order_by("created_at", "pk").first()
    assert said is not None
    assert said.data["object"]["next_retry_at"] == "2026-03-04T09:00:00Z"
    assert one.charges() == []
    # A person may still ask, and what fails then is no news.
    pay(invoice_id=one.invoice.pk, at=START, actor=ACTOR)
    run_sweep()
    assert one.told("payment.retries_exhausted") == ["payment.retries_exhausted"]
    outcome(one.sandbox, one.card, "success")
    pay(invoice_id=one.invoice.pk, at=START, actor=ACTOR)
    run_sweep()
    assert Invoice.objects.get(pk=one.invoice.pk).status == "PAID"
    assert queries.retries_exhausted([one.account.pk]) == set()


@pytest.mark.fr("FR-060", "FR-066")
def test_a_retry_that_succeeds_ends_the_schedule(life: Callable[..., Life]) -> None:
    one = life(timezone="America/New_York")
    assert one.next() == datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert one.to(datetime(2026, 3, 4, 14, 59, tzinfo=UTC)) == 0
    outcome(one.sandbox, one.card, None)
    assert one.to(datetime(2026, 3, 4, 15, tzinfo=UTC)) == 1
    assert one.attempts() == [(1, "FAILED", "insufficient_funds"), (2, "SUCCEEDED", "")]
    assert (one.next(), len(one.charges())) == (None, 1)
    assert Invoice.objects.get(pk=one.invoice.pk).status == "PAID"


@pytest.mark.fr("FR-060")
def test_a_card_refused_for_good_is_left_alone(life: Callable[..., Life]) -> None:
    one = life(decline="stolen_card")
    one.card.refresh_from_db()
    assert one.card.declined_at == START
    assert one.through() == [datetime(2026, 3, day, 9, tzinfo=UTC) for day in (4, 6, 8, 11)]
    assert one.attempts() == [(1, "FAILED", "stolen_card")], "not asked again"
    assert queries.retries_exhausted([one.account.pk]) == {one.account.pk}
    assert one.told("payment.retries_exhausted") == ["payment.retries_exhausted"]


@pytest.mark.fr("FR-060")
@pytest.mark.parametrize("decline", ["insufficient_funds", "stolen_card"])
def test_another_card_is_tried_at_once(life: Callable[..., Life], decline: str) -> None:
    one = life(decline=decline)
    second = attach(one.account, "pm_card_mastercard")
    assert not second.is_default
    [paid] = Payment.objects.filter(status="PENDING")
    assert (paid.payment_method_id, paid.attempt) == (second.pk, 2)
    run_sweep()
    assert one.attempts()[-1] == (2, "SUCCEEDED", "")
    assert one.next() is None
    assert len(one.charges()) == 1


@pytest.mark.fr("FR-060")
def test_a_card_that_its_bank_renews_is_tried_at_once(
    life: Callable[..., Life], client: Any, settings: Any, sandbox: Sandbox
) -> None:
    one = life(decline="expired_card")
    endpoint(settings)
    outcome(sandbox, one.card, None)
    changed = {"card": {"exp_month": 11, "exp_year": 2039}}
    sandbox.client().v1.payment_methods.update(one.card.gateway_id, changed)
    assert deliver(client, "payment_method.automatically_updated", one.card.gateway_id).status_code == 200
    run_sweep()
    one.card.refresh_from_db()
    assert (one.card.card_exp_month, one.card.card_exp_year, one.card.declined_at) == (11, 2039, None)
    assert one.attempts()[-1] == (2, "SUCCEEDED", "")
    assert deliver(client, "payment_method.updated", one.card.gateway_id).status_code == 200
    run_sweep()
    assert len(one.charges()) == 1


def test_a_card_made_the_default_after_a_failure_is_tried(books: str, sandbox: Sandbox) -> None:
    account = payer()
    card, other = attach(account), attach(account, "pm_card_mastercard")
    outcome(sandbox, card, "insufficient_funds")
    failed = opened(invoice(1000, account=account))
    run_sweep()
    failed.refresh_from_db()
    assert failed.next_retry_at is not None
    for _ in range(2):
        methods.make_default(account_id=account.pk, method_id=other.pk, at=START, actor=ACTOR)
    run_sweep()
    assert list(Payment.objects.order_by("attempt").values_list("status", flat=True)) == ["FAILED", "SUCCEEDED"]
    failed.refresh_from_db()
    assert failed.next_retry_at is None


@pytest.mark.django_db
def test_a_hold_delays_retries_and_payment_elsewhere_ends_them() -> None:
    account = payer()
    known_method(account)
    one = opened(invoice(1000, account=account))
    soon = START + timedelta(days=3)
    Payment.objects.filter(pk=one.pk).update(status="FAILED", settled_at=START, next_retry_at=soon)
    Account.objects.filter(pk=account.pk).update(dispute_hold=True)
    assert due.earliest(soon, Scope()) is None
    Account.objects.filter(pk=account.pk).update(dispute_hold=False)
    assert due.earliest(soon - timedelta(seconds=1), Scope()) is None
    assert due.earliest(soon, Scope()) == soon
    assert due.following(START, soon, Scope()) == soon
    Invoice.objects.filter(pk=one.invoice_id).update(status="PAID", paid_at=START)
    assert due.run(soon, Scope()) == 1
    assert due.earliest(soon, Scope()) is None
    assert Payment.objects.count() == 1


@pytest.mark.django_db
def test_the_database_keeps_one_schedule_an_invoice() -> None:
    account = payer()
    known_method(account)
    one = opened(invoice(1000, account=account))
    with pytest.raises(IntegrityError, match="payments_retry_after_failure"), transaction.atomic():
        Payment.objects.filter(pk=one.pk).update(next_retry_at=START)
    Payment.objects.filter(pk=one.pk).update(status="FAILED", settled_at=START, next_retry_at=START)
    with pytest.raises(IntegrityError, match="payments_one_retry_per_invoice"), transaction.atomic():
        Payment.objects.create(
            invoice=one.invoice, account=account, amount=1, currency="USD", status="FAILED", settled_at=START,
            next_retry_at=START,
        )  # fmt: skip


@pytest.mark.fr("FR-062")
def test_two_people_and_a_retry_at_once_charge_once(life: Callable[..., Life]) -> None:
    one = life()
    outcome(one.sandbox, one.card, None)
    at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    TestClock.objects.filter(pk=one.clock.pk).update(frozen_time=at)
    gate = threading.Barrier(4)
    refused: list[str] = []

    def person() -> None:
        gate.wait()
        try:
            pay(invoice_id=one.invoice.pk, at=at, actor=ACTOR)
        except Exception as error:  # noqa: BLE001 - what it is, is the test
            refused.append(getattr(error, "code", repr(error)))
        connections.close_all()

    def beat() -> None:
        gate.wait()
        due.run(at, one.scope)
        connections.close_all()

    def worker() -> None:
        gate.wait()
        run_sweep(2)
        connections.close_all()

    threads = [threading.Thread(target=each) for each in (person, person, beat, worker)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run_sweep()
    assert set(refused) <= {"payment_under_way", "invoice_not_open"}
    assert [each[1] for each in one.attempts()] == ["FAILED", "SUCCEEDED"]
    assert len(one.charges()) == 1


@pytest.mark.fr("FR-057")
def test_pay_over_the_api(books: str, sandbox: Sandbox, api: Any) -> None:
    account = payer()
    card, second = attach(account), attach(account, "pm_card_mastercard")
    outcome(sandbox, card, "insufficient_funds")
    owed = invoice(4900, account=account)
    path = f"/invoices/{owed.pk}/pay"
    going = api("post", path, {})
    assert (going.status_code, going.json()["code"]) == (409, "payment_under_way")
    run_sweep()
    unknown = api("post", path, {"payment_method_id": str(owed.pk)})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/payment_method_id")
    made = api("post", path, {"payment_method_id": str(second.pk)})
    assert made.status_code == 201, made.content
    assert (made.json()["status"], made.json()["attempt"], made.json()["amount"]) == ("PENDING", 2, 4900)
    assert Event.objects.get(event_type="payment.created").object_id == Payment.objects.get(status="PENDING").pk
    run_sweep()
    assert api("get", f"/payments/{made.json()['id']}").json()["status"] == "SUCCEEDED"
    again = api("post", path, {})
    assert (again.status_code, again.json()["code"]) == (409, "invoice_not_open")
    assert api("post", "/invoices/none/pay", {}).status_code == 404
    without = invoice(100, account=payer())
    missing = api("post", f"/invoices/{without.pk}/pay", {})
    assert (missing.status_code, missing.json()["code"]) == (409, "payment_method_missing")
