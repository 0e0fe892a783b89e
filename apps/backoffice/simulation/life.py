"""The company's life: what was drawn is asked of the actions, day by day, on a test clock of its own."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.accounts import actions as accounts
from apps.backoffice.simulation.company import BEGINS, OFFERS, Asked, Offer, Payer, Verb, asked, end, payers
from apps.clocks.actions import make
from apps.clocks.actions.advance import advance
from apps.clocks.actions.step import step
from apps.clocks.models import TestClock
from apps.clocks.rules import Status as ClockStatus
from apps.coupons import actions as coupons
from apps.credits.actions.grant import grant
from apps.events import relay
from apps.events.rules import Lane
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.one_off import Sale, one_off
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.kernel import clock as kernel_clock
from apps.kernel.actors import system
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.ledger.rules import LedgerAccount
from apps.plans import actions as plans
from apps.plans.models import Plan
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.create import NewSubscription, create
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.void import void
from apps.subscriptions.models import Subscription
from apps.tax import actions as tax
from apps.tax.models import Registration
from apps.usage.actions.record import record
from apps.usage.rules.event import EventInput

ACTOR = system("simulate")
NOON = time(12)
SELLER = "DE"
METRIC, MOST_CALLS = "api_calls", 300


def charges(offer: Offer) -> list[dict[str, Any]]:
    """The metered charge of an offer, if it has one: a hundred calls are free, and four fifths of them announced."""
    if offer.calls is None:
        return []
    prices = {
        currency: {"tiers": [{"up_to": "100", "unit_price": "0"}, {"unit_price": price}]}
        for currency, price in offer.calls.items()
    }
    counted = {"key": "calls", "metric": METRIC, "aggregation": "count", "model": "graduated"}
    return [{**counted, "thresholds": [{"percent": "80"}], "prices": prices}]


class Stuck(Exception):
    """The clock did not get where it was sent: what it says of it."""


@dataclass
class Company:
    """The company while it lives. `done` and `refused` count what was asked, by verb and by the refusal's code."""

    accounts: int
    months: int
    seed: int
    told: Callable[[date, int], None]
    """Called once a day with the day, and how many things were asked by then."""
    clock_id: UUID = field(init=False)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    ids: dict[int, UUID] = field(default_factory=dict)
    """Account by number."""
    subscriptions: dict[int, UUID] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    coupon: str = ""
    events: int = 0
    """How many usage events were stored."""

    def live(self) -> None:
        """From the first day to the last. Errors: Stuck."""
        self._set_up()
        people = payers(self.accounts, self.months, self.seed)
        by_number = {payer.number: payer for payer in people}
        count, last = 0, BEGINS
        for each in asked(people, self.months, self.seed):
            if each.day != last:
                self._move(each.day)
                self.told(each.day, count)
                last = each.day
            self._ask(each, by_number[each.payer])
            count += 1
        self._move(end(self.months))
        self.told(end(self.months), count)

    def _set_up(self) -> None:
        begins = datetime.combine(BEGINS, NOON, tzinfo=UTC)
        clock = make.create(name=f"simulation {self.seed}", frozen_time=begins, actor=ACTOR)
        self.clock_id = clock.pk
        if not Registration.objects.filter(country=SELLER, valid__contains=BEGINS).exists():
            tax.add_registration(country=SELLER, valid_from=BEGINS, valid_to=None, tax_id="", actor=ACTOR)
        for offer in OFFERS:
            found = Plan.objects.filter(key=offer.key).first()
            fields: dict[str, Any] = {
                "key": offer.key, "name": offer.name, "interval": offer.interval, "prices": offer.prices,
                "interval_count": offer.interval_count, "charges": charges(offer),
            }  # fmt: skip
            self.plans.append(found or plans.create(fields=fields, at=begins, actor=ACTOR))
        made: dict[str, Any] = {
            "code": f"SIM{clock.pk.hex[-12:].upper()}", "name": "A third off for a quarter", "duration": "repeating",
            "duration_periods": 3, "percent_off": Decimal("33.3"),
        }  # fmt: skip
        self.coupon = coupons.create(fields=made, actor=ACTOR).code

    def _move(self, day: date) -> None:
        """Do all that falls due until noon of that day."""
        to = datetime.combine(day, NOON, tzinfo=UTC)
        advance(clock_id=self.clock_id, to=to, actor=ACTOR)
        while True:
            # No worker need run: what a clock waits for is done here, between one instant and the next.
            for lane in Lane:
                relay.drain(lane)
            wanted = step(clock_id=self.clock_id, seconds=0.0, actor=ACTOR)
            clock = TestClock.objects.get(pk=self.clock_id)
            if clock.status == ClockStatus.READY:
                return
            if clock.status == ClockStatus.FAILED or not wanted:
                raise Stuck(clock.error or f"it waits for {clock.progress.get('waiting_for')}")

    def _ask(self, each: Asked, payer: Payer) -> None:
        at = datetime.combine(each.day, NOON, tzinfo=UTC)
        try:
            happened = _VERBS[each.verb](self, each, payer, at)
        except DomainError as refusal:
            self.refused[refusal.code] += 1
        else:
            self.done[str(each.verb)] += int(happened)

    # Verbs: each answers whether there was anything to do.

    def _subscribe(self, each: Asked, payer: Payer, at: datetime) -> bool:
        fields = {
            "email": f"billing@company-{payer.number}.example", "name": f"Company {payer.number}",
            "currency": payer.currency, "country": payer.country, "test_clock_id": self.clock_id,
            "invoice_grouping": "account" if payer.grouped else "subscription",
        }  # fmt: skip
        account = accounts.create(fields=fields, at=at, actor=ACTOR)
        self.ids[payer.number] = account.pk
        new = NewSubscription(
            account_id=account.pk,
            plan_id=self.plans[payer.offer].pk,
            quantity=payer.quantity,
            trial_days=payer.trial_days,
            coupon=self.coupon if payer.coupon else None,
        )
        self.subscriptions[payer.number] = create(new=new, at=at, actor=ACTOR).subscription.pk
        return True

    def _pay(self, each: Asked, payer: Payer, at: datetime) -> bool:
        """All that is open, by bank transfer."""
        invoices = list(self._invoices(payer).filter(status="OPEN").order_by("pk"))
        open_now = balances([invoice.pk for invoice in invoices])
        for invoice in invoices:
            record_payment(
                invoice_id=invoice.pk, payment_id=uuid7(), amount=open_now[invoice.pk].balance, paid_at=at, actor=ACTOR,
                into=LedgerAccount.BANK,
            )  # fmt: skip
        return bool(invoices)

    def _quantity(self, each: Asked, payer: Payer, at: datetime) -> bool:
        change(subscription_id=self.subscriptions[payer.number], quantity=1 + each.number % 15, at=at, actor=ACTOR)
        return True

    def _plan(self, each: Asked, payer: Payer, at: datetime) -> bool:
        plan = self.plans[each.number % len(self.plans)]
        later = "period_end" if each.number % 3 == 0 else "now"
        pk = self.subscriptions[payer.number]
        change(subscription_id=pk, plan_id=plan.pk, effective=later, at=at, actor=ACTOR)
        return True

    def _pause(self, each: Asked, payer: Payer, at: datetime) -> bool:
        until = each.day + timedelta(days=5 + each.number % 60)
        pause(subscription_id=self.subscriptions[payer.number], resume_at=until, at=at, actor=ACTOR)
        return True

    def _cancel_now(self, each: Asked, payer: Payer, at: datetime) -> bool:
        cancel(subscription_id=self.subscriptions[payer.number], reason="closed", at=at, actor=ACTOR)
        return True

    def _cancel_later(self, each: Asked, payer: Payer, at: datetime) -> bool:
        pk = self.subscriptions[payer.number]
        cancel(subscription_id=pk, at_period_end=True, reason="no longer needed", at=at, actor=ACTOR)
        return True

    def _credit(self, each: Asked, payer: Payer, at: datetime) -> bool:
        given: dict[str, Any] = {"amount": each.number, "currency": payer.currency, "reason": "an hour without service"}
        grant(account_id=self.ids[payer.number], at=at, actor=ACTOR, **given)
        return True

    def _sale(self, each: Asked, payer: Payer, at: datetime) -> bool:
        sale = Sale(description="Hours of training", unit_amount=Decimal(each.number), quantity=Decimal("2.5"))
        one_off(account_id=self.ids[payer.number], sales=[sale], at=at, actor=ACTOR)
        return True

    def _note(self, each: Asked, payer: Payer, at: datetime) -> bool:
        newest = self._invoices(payer).exclude(status="VOID").order_by("-pk").first()
        if newest is None:
            return False
        credit_note(invoice_id=newest.pk, amount=(newest.total + 1) // 2, reason="a mistake", at=at, actor=ACTOR)
        return True

    def _void(self, each: Asked, payer: Payer, at: datetime) -> bool:
        newest = self._invoices(payer).exclude(status="VOID").order_by("-pk").first()
        if newest is None:
            return False
        void(invoice_id=newest.pk, reason="a mistake", at=at, actor=ACTOR)
        return True

    def _use(self, each: Asked, payer: Payer, at: datetime) -> bool:
        """A batch of calls, as the API takes them; nothing where calls are not counted."""
        pk = self.subscriptions[payer.number]
        if not Subscription.objects.filter(pk=pk, plan__in=[plan.pk for plan in self._metered()]).exists():
            return False
        events = [
            EventInput(
                idempotency_key=f"{pk}-{each.day}-{number}", subscription_id=str(pk), metric=METRIC, quantity="1",
                timestamp=at,
            )
            for number in range(each.number % MOST_CALLS + 1)
        ]  # fmt: skip
        receipt = record(events, at=kernel_clock.wall())
        self.events += len(receipt.stored)
        for refusal in receipt.refused.values():
            self.refused[refusal.code] += 1
        return bool(receipt.stored)

    def _metered(self) -> list[Plan]:
        return [plan for plan, offer in zip(self.plans, OFFERS, strict=True) if offer.calls]

    def _invoices(self, payer: Payer) -> Any:
        return Invoice.objects.filter(account_id=self.ids[payer.number])


_VERBS: dict[Verb, Callable[[Company, Asked, Payer, datetime], bool]] = {
    Verb.SUBSCRIBE: Company._subscribe,
    Verb.PAY: Company._pay,
    Verb.QUANTITY: Company._quantity,
    Verb.PLAN: Company._plan,
    Verb.PAUSE: Company._pause,
    Verb.CANCEL_NOW: Company._cancel_now,
    Verb.CANCEL_LATER: Company._cancel_later,
    Verb.CREDIT: Company._credit,
    Verb.SALE: Company._sale,
    Verb.NOTE: Company._note,
    Verb.VOID: Company._void,
    Verb.USE: Company._use,
}
