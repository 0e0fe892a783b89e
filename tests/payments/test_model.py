"""A gateway that fails in every way at any step, against a model: nobody is charged above what they owe, nobody paid
back above what they paid, and when it is quiet again all books agree.

The gateway is a model in memory with the documented behaviour of idempotency keys; the code before it is the real one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.kernel import clock
from apps.kernel.errors import DomainError
from apps.kernel.schedule import Scope
from apps.ledger.models import Posting
from apps.monitoring.invariants import broken
from apps.payments.actions import notices, retry
from apps.payments.actions import refund as refunds
from apps.payments.actions.reconcile import begin
from apps.payments.actions.sweep import sweep
from apps.payments.gateway import (
    ChargeRequest,
    ChargeResult,
    DisputeResult,
    DisputeState,
    GatewayRefused,
    GatewayUnavailable,
    Movement,
    Outcome,
    RefundRequest,
    RefundResult,
)
from apps.payments.models import Difference, GatewayNotice, Payment, PaymentMethod, Reconciliation, Refund
from tests.factories.invoices import ACTOR, AT, invoice, payer
from tests.factories.payments import known_method

TOTAL = 5000
FAULTS = st.sampled_from(["", "before", "after", "after", "killed before", "killed after"])


class Killed(BaseException):
    """The process died here."""


@dataclass
class ModelGateway:
    """Charges, refunds and disputes as Stripe documents them; `faults` are done in their order, one a call."""

    charges: dict[str, ChargeResult] = field(default_factory=dict)
    back: dict[str, RefundResult] = field(default_factory=dict)
    disputes: dict[str, DisputeResult] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    moved: list[Movement] = field(default_factory=list)
    declines: bool = False

    def move(self, kind: str, source_id: str, charge_id: str, amount: int, payment_id: UUID | None = None) -> None:
        """What it does to the balance."""
        self.moved.insert(0, Movement(
            gateway_id=f"txn_{uuid4().hex}", kind=kind, amount=amount, fee=0, currency="USD", source_id=source_id,
            charge_id=charge_id, payment_id=payment_id, at=clock.wall() + timedelta(hours=Life.hours),
        ))  # fmt: skip

    def movements(self, *, since: datetime, until: datetime, after: str = "") -> Iterator[Movement]:
        yield from self._call(lambda: list(self.moved))

    def _call(self, do: Any) -> Any:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "before":
            raise GatewayUnavailable("timeout")
        if fault == "killed before":
            raise Killed
        refusal: GatewayRefused | None = None
        answer = None
        try:
            answer = do()
        except GatewayRefused as error:
            refusal = error
        if fault == "after":
            raise GatewayUnavailable("timeout after")
        if fault == "killed after":
            raise Killed
        if refusal is not None:
            raise refusal
        return answer

    def left_of(self, charge_id: str) -> int:
        charge = self.charges[charge_id]
        gone = sum(each.amount for each in self.back.values() if each.charge_id == charge_id)
        held = sum(each.withdrawn for each in self.disputes.values() if each.charge_id == charge_id)
        return charge.amount - gone - held

    def charge(self, request: ChargeRequest) -> ChargeResult:
        def do() -> ChargeResult:
            key = f"payment-{request.payment_id}"
            if key not in self.keys:
                charge_id = f"pi_{uuid4().hex}"
                paid = not self.declines
                self.keys[key] = self.charges[charge_id] = ChargeResult(
                    outcome=Outcome.SUCCEEDED if paid else Outcome.DECLINED, gateway_id=charge_id,
                    payment_id=request.payment_id, amount=request.amount if paid else 0, currency=request.currency,
                    code="" if paid else "insufficient_funds",
                )  # fmt: skip
                if paid:
                    self.move("charge", f"ch_{charge_id}", charge_id, request.amount, request.payment_id)
                self.told.append(("payment_intent.succeeded" if paid else "payment_intent.payment_failed", charge_id))
            found: ChargeResult = self.keys[key]
            return found

        result: ChargeResult = self._call(do)
        return result

    def find(self, *, payment_id: UUID, customer_id: str, since: datetime) -> ChargeResult | None:
        found = [each for each in self.charges.values() if each.payment_id == payment_id]
        result: ChargeResult | None = self._call(lambda: found[0] if found else None)
        return result

    def fetch(self, gateway_id: str) -> ChargeResult:
        result: ChargeResult = self._call(lambda: self.charges[gateway_id])
        return result

    def refund(self, request: RefundRequest) -> RefundResult:
        def do() -> RefundResult:
            key = f"refund-{request.refund_id}"
            if key not in self.keys:
                if any(each.withdrawn for each in self.disputes.values() if each.charge_id == request.charge_id):
                    raise GatewayRefused("charge_disputed", "It has been charged back.")
                assert request.amount <= self.left_of(request.charge_id), "asked for more than is left"
                refund_id = f"re_{uuid4().hex}"
                self.keys[key] = self.back[refund_id] = RefundResult(
                    outcome=Outcome.SUCCEEDED, gateway_id=refund_id, charge_id=request.charge_id,
                    amount=request.amount, currency="USD", refund_id=request.refund_id,
                )  # fmt: skip
                self.move("refund", refund_id, request.charge_id, -request.amount)
                self.told.append(("refund.created", refund_id))
            found: RefundResult = self.keys[key]
            return found

        result: RefundResult = self._call(do)
        return result

    def refunds_of(self, charge_id: str) -> list[RefundResult]:
        result: list[RefundResult] = self._call(
            lambda: [each for each in self.back.values() if each.charge_id == charge_id]
        )
        return result

    def fetch_refund(self, gateway_id: str) -> RefundResult:
        result: RefundResult = self._call(lambda: self.back[gateway_id])
        return result

    def fetch_dispute(self, gateway_id: str) -> DisputeResult:
        result: DisputeResult = self._call(lambda: self.disputes[gateway_id])
        return result


MODEL = ModelGateway()


def connect() -> ModelGateway:
    """What PAYMENT_GATEWAY names here."""
    return MODEL


class Life(RuleBasedStateMachine):
    """One invoice, its customer, staff who ask at any time, and a gateway that tells or does not."""

    hours = 0
    """By which looks are ahead of the wall: what has changed by then is quiet."""

    @initialize()
    def born(self) -> None:
        global MODEL
        MODEL = ModelGateway()
        # Lives before this one are over: nothing of theirs is tried again at this one's gateway.
        Payment.objects.filter(next_retry_at__isnull=False).update(next_retry_at=None)
        self.account = payer()
        self.method = known_method(self.account)
        self.invoice = invoice(TOTAL, account=self.account)
        self.now = AT

    @rule(declines=st.booleans())
    def card(self, declines: bool) -> None:
        MODEL.declines = declines

    @rule(faults=st.lists(FAULTS, max_size=2), forgotten=st.booleans())
    def work(self, faults: list[str], forgotten: bool) -> None:
        """A sweep, some of whose calls go wrong; then perhaps a day, after which idempotency keys are forgotten."""
        MODEL.faults[:] = faults
        now = clock.wall()
        for model in (Payment, Refund, GatewayNotice, PaymentMethod, Reconciliation):
            model.objects.filter(next_call_at__isnull=False).update(next_call_at=now)
        try:
            sweep(seconds=5, actor=ACTOR)
        except Killed:
            connections.close_all()
        if forgotten:
            MODEL.keys.clear()

    @rule()
    def time_passes(self) -> None:
        """Leases of the dead lapse, and the days of retries come."""
        self.now += timedelta(days=4)
        for model in (Payment, Refund, GatewayNotice, Reconciliation):
            model.objects.filter(lease_until__isnull=False).update(lease_until=clock.wall() - timedelta(seconds=1))
        due = Payment.objects.filter(invoice=self.invoice, next_retry_at__isnull=False).first()
        if due is not None and due.next_retry_at is not None:
            retry.retry_due(at=max(self.now, due.next_retry_at), scope=Scope(), actor=ACTOR)

    @rule()
    def somebody_asks_for_payment(self) -> None:
        code = refused(retry.pay, invoice_id=self.invoice.pk)
        assert code in (None, "payment_under_way", "invoice_not_open")

    @rule(amount=st.integers(1, TOTAL))
    def somebody_refunds(self, amount: int) -> None:
        for payment in Payment.objects.filter(invoice=self.invoice, status="SUCCEEDED"):
            code = refused(refunds.refund, payment_id=payment.pk, amount=amount, reason="asked")
            assert code in (None, "nothing_to_refund", "refund_too_large")

    @precondition(lambda self: any(MODEL.left_of(each) > 0 for each in MODEL.charges))
    @rule()
    def a_bank_takes_it_back(self) -> None:
        charge_id = next(each for each in MODEL.charges if MODEL.left_of(each) > 0)
        left, dispute_id = MODEL.left_of(charge_id), f"du_{uuid4().hex}"
        MODEL.disputes[dispute_id] = DisputeResult(
            gateway_id=dispute_id, charge_id=charge_id, state=DisputeState.OPEN, amount=left, withdrawn=left,
            currency="USD", reason="fraudulent",
        )  # fmt: skip
        MODEL.move("dispute", dispute_id, charge_id, -left)
        MODEL.told.append(("charge.dispute.created", dispute_id))

    @rule(won=st.booleans())
    def a_bank_decides(self, won: bool) -> None:
        for dispute_id, dispute in MODEL.disputes.items():
            if dispute.state is DisputeState.OPEN:
                state = DisputeState.WON if won else DisputeState.LOST
                MODEL.disputes[dispute_id] = replace(dispute, state=state, withdrawn=0 if won else dispute.withdrawn)
                if won:
                    MODEL.move("dispute_reversal", dispute_id, dispute.charge_id, dispute.withdrawn)
                MODEL.told.append(("charge.dispute.closed", dispute_id))
                return

    @rule(data=st.data(), manner=st.sampled_from(["one", "twice", "again", "drop"]))
    def a_webhook(self, data: st.DataObject, manner: str) -> None:
        """In any order, twice, long after, or never."""
        if not MODEL.told:
            return
        place = data.draw(st.integers(0, len(MODEL.told) - 1))
        kind, object_id = MODEL.told[place] if manner == "again" else MODEL.told.pop(place)
        for _ in range({"twice": 2, "drop": 0}.get(manner, 1)):
            tell(kind, object_id)

    @invariant()
    def nobody_is_charged_above_what_they_owe(self) -> None:
        assert 0 <= self.held() <= TOTAL or self.paid_again_after_a_dispute()
        waiting = Payment.objects.filter(invoice=self.invoice, status="PENDING").count()
        assert waiting <= 1

    def held(self) -> int:
        """What the gateway holds for this invoice; a sweep may charge for lives before this one too."""
        own = set(Payment.objects.filter(invoice=self.invoice).values_list("pk", flat=True))
        return sum(MODEL.left_of(pk) for pk, each in MODEL.charges.items() if each.payment_id in own)

    def paid_again_after_a_dispute(self) -> bool:
        """Taken back, paid again, and then won: the second payment is the customer's credit."""
        return any(each.state is DisputeState.WON for each in MODEL.disputes.values())

    @rule()
    def an_hour_strikes(self) -> None:
        """The look of an hour begins, if the one before is over; the worker goes on with it, or is killed."""
        Life.hours += 2
        begin(at=clock.wall() + timedelta(hours=Life.hours), actor=ACTOR)

    def teardown(self) -> None:
        """It is quiet again: no faults, leases lapse. No webhook comes any more: the hourly look alone settles all."""
        if not hasattr(self, "invoice"):
            return
        MODEL.told.clear()
        for _ in range(4):
            for model in (Payment, Refund, GatewayNotice, Reconciliation):
                model.objects.filter(lease_until__isnull=False).update(lease_until=clock.wall() - timedelta(seconds=1))
            self.an_hour_strikes()
            self.work(faults=[], forgotten=True)
        assert not Difference.objects.filter(status="OPEN").exists()
        assert not Payment.objects.filter(status="PENDING").exists()
        assert not Refund.objects.filter(status="PENDING").exists()
        assert not GatewayNotice.objects.filter(status="PENDING").exists()
        assert broken() == []
        books = Posting.objects.filter(ledger_account="gateway_clearing", entry__account_id=self.account.pk)
        clearing = sum(books.values_list("amount", flat=True))
        assert clearing == self.held()
        by_payment: dict[Any, int] = {}
        for charge in MODEL.charges.values():
            by_payment[charge.payment_id] = by_payment.get(charge.payment_id, 0) + 1
        assert set(by_payment.values()) <= {1}, "one charge for each payment, ever"
        left = balances([self.invoice.pk])[self.invoice.pk].balance
        assert (Invoice.objects.get(pk=self.invoice.pk).status == "PAID") == (left == 0)


def refused(action: Any, **given: Any) -> str | None:
    """Do it; the code of its refusal, if it is refused."""
    try:
        action(**given, at=AT, actor=ACTOR)
    except DomainError as refusal:
        return refusal.code
    return None


def tell(kind: str, object_id: str) -> None:
    notices.keep(gateway_event_id=f"evt_{uuid4().hex}", event_type=kind, object_id=object_id, actor=ACTOR)


@pytest.fixture
def modelled(committed_db: str, settings: Any) -> None:
    settings.PAYMENT_GATEWAY = f"{__name__}.connect"


def lives(examples: int, steps: int) -> None:
    healthy = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    manner = how(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=healthy)
    run_state_machine_as_test(Life, settings=manner)


@pytest.mark.fr("FR-061", "FR-062", "FR-063", "FR-071", "B-11")
def test_whatever_happens_all_settles(modelled: None) -> None:
    lives(12, 20)


@pytest.mark.long
@pytest.mark.fr("FR-062")
def test_whatever_happens_in_many_long_lives(modelled: None) -> None:
    lives(60, 40)
