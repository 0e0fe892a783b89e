"""Copies of one subscription, all alike: where it stands, what can be asked of it, and what counts of its life."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from apps.accounts.models import Account
from apps.clocks.actions import create as make_clock
from apps.clocks.models import TestClock
from apps.coupons.queries import attached
from apps.credits.actions.grant import grant
from apps.credits.queries import grants
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import CreditNote, Invoice, Line, PendingItem
from apps.invoices.queries import balances
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.kernel.schedule import Scope
from apps.ledger.rules import LedgerAccount
from apps.plans.models import Plan
from apps.subscriptions.actions.cancel import cancel, uncancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.detach import detach
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.actions.unschedule import unschedule
from apps.subscriptions.actions.void import void
from apps.subscriptions.due import WAKES, WORK
from apps.subscriptions.models import BilledPeriod, ScheduledChange, Subscription
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered

Outcome = tuple[str, ...]
Said = Mapping[str, str]


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


@dataclass(frozen=True)
class Scene:
    """What has been of a subscription that began on 1 April 2026, and which day it is."""

    today: str
    earlier: Sequence[tuple[str, str]] = ()
    trial_days: int = 0


SCENES = {
    "a renewal is due": Scene("2026-05-01", [("2026-04-03", "pay")]),
    "owed, within the period": Scene("2026-04-16"),
    "paid, within the period": Scene("2026-04-16", [("2026-04-03", "pay")]),
    "the first day": Scene("2026-04-01"),
    "changed today": Scene("2026-04-16", [("2026-04-16", "plan")]),
    "a pause is over": Scene("2026-04-20", [("2026-04-10", "pause until the 20th")]),
    "a trial is over": Scene("2026-04-15", trial_days=14),
    "its end has come": Scene("2026-05-01", [("2026-04-10", "cancel later")]),
    "a change has come": Scene("2026-05-01", [("2026-04-10", "quantity later")]),
    "two renewals are due": Scene("2026-06-02"),
}  # fmt: skip


@dataclass
class World:
    """What all copies share: plans, and a seller who has to charge tax."""

    plans: dict[str, Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        registered("DE")
        for name, price, interval in (("Pro", 3001, "month"), ("Team", 9907, "month"), ("Yearly", 30011, "year")):
            self.plans[name] = make_plan(name=name, prices={"EUR": price}, interval=interval)

    def copy(self, scene: Scene) -> "Copy":
        """A subscription of five seats with a coupon, on a clock of its own, so that runs are its own too."""
        stands = make_clock(name="", frozen_time=noon("2026-04-01"), actor=ACTOR)
        payer = make_account(country="DE", currency="EUR", at=stands.frozen_time, test_clock_id=stands.pk)
        coupon = make_coupon(percent_off=20, duration="repeating", duration_periods=2)
        made = make_subscription(
            account=payer, plan=self.plans["Pro"], at=stands.frozen_time, quantity=5, trial_days=scene.trial_days,
            coupon=coupon.code,
        )  # fmt: skip
        first = Invoice.objects.filter(account=payer).first()
        pk, owed = (first.pk, first.total) if first else (uuid4(), 1)
        found = Copy(made.pk, payer, stands, self.plans, coupon.pk, pk, owed)
        for day, verb in scene.earlier:
            found.at = noon(day)
            assert found.do(verb) == "done"
        found.at = noon(scene.today)
        TestClock.objects.filter(pk=stands.pk).update(frozen_time=found.at)
        return found


@dataclass
class Copy:
    """One of them, and what can be asked of it."""

    pk: UUID
    account: Account
    clock: TestClock
    plans: Mapping[str, Plan]
    coupon: UUID
    first: UUID
    owed: int
    at: datetime = datetime(2026, 4, 1, 12, tzinfo=UTC)
    payment: UUID = field(default_factory=uuid7)

    @property
    def known(self) -> dict[str, Any]:
        return {"subscription_id": self.pk, "at": self.at, "actor": ACTOR}

    @property
    def of_first(self) -> dict[str, Any]:
        return {"invoice_id": self.first, "reason": "x", "at": self.at, "actor": ACTOR}

    def do(self, verb: str) -> str:
        """Ask for it; the code of a refusal."""
        try:
            VERBS[verb](self)
        except DomainError as refusal:
            return refusal.code
        return "done"

    def run(self) -> None:
        """What the beat does: pauses that are over, and what is due."""
        scope = Scope(self.clock.pk)
        for work in (WAKES, WORK):
            while work.due(self.at, scope) is not None:
                work.run(self.at, scope)

    def is_due(self) -> bool:
        return any(work.due(self.at, Scope(self.clock.pk)) is not None for work in (WAKES, WORK))

    def pay(self) -> None:
        record_payment(
            invoice_id=self.first, payment_id=self.payment, amount=self.owed, paid_at=self.at, actor=ACTOR,
            into=LedgerAccount.BANK,
        )  # fmt: skip

    def outcome(self, said: Said) -> Outcome:
        """What counts of its life: states, dates, lines and amounts, in order; and who was refused by which code."""
        row = Subscription.objects.select_related("plan").get(pk=self.pk)
        days = ("billed_to", "billing_anchor_date", "current_period_start", "current_period_end", "next_billing_at",
                "cancelled_at", "paused_on", "pause_resumes_on", "wakes_at", "billing_error")  # fmt: skip
        return (
            *(f"{verb}: {code}" for verb, code in sorted(said.items())),
            f"{row.status}: {row.plan.name} x {row.quantity}, {[str(getattr(row, name)) for name in days]}",
            *(f"waits: {each.kind} on {each.due_date}, {each.details.get('quantity')}"
              for each in ScheduledChange.objects.filter(subscription=row, outcome="waiting").order_by("kind")),
            *(f"billed: {each.days.lower} to {each.days.upper}{' waived' * each.waived}{' free' * (not each.line_id)}"
              for each in BilledPeriod.objects.filter(subscription=row, released_by=None).order_by("days")),
            *self._invoices(),
            *(f"credit: {each.amount} of {each.source}, {each.remaining} left"
              for each in grants().filter(account=self.account).order_by("pk")),
            *(f"pending: {each.line['amount']}"
              for each in PendingItem.objects.filter(account=self.account, invoice_id=None, removed_at=None)),
            *(f"note: {each.total}, {each.settled}" for each in CreditNote.objects.filter(account=self.account)),
            *(f"coupon: {each.periods_left} left" for each in attached([self.pk]).get(self.pk, ())),
        )  # fmt: skip

    def _invoices(self) -> list[str]:
        """Each with its lines, ordered by what they say: a verb that bills what is due first does so in transactions of
        its own, and another's document may take a number between those."""
        rows = {row.pk: row for row in Invoice.objects.filter(account=self.account)}
        left = balances(list(rows))
        told = {
            row.pk: f"{row.kind} {row.status} {row.total}, {left[row.pk].balance} to pay, of {row.issue_date}"
            f" due {row.due_date}"
            for row in rows.values()
        }
        lines: dict[Any, list[str]] = {}
        for line in Line.objects.filter(invoice__in=rows).order_by("position"):
            lines.setdefault(line.invoice_id, []).append(
                f"  {line.description} {line.service_days or date.min}: {line.amount} -{line.discount_amount}"
                f" +{line.tax_amount}"
            )
        return sorted(
            "\n".join([f"invoice: {text}, in place of {told.get(rows[pk].replaces_id)}", *lines.get(pk, ())])
            for pk, text in told.items()
        )


VERBS: dict[str, Callable[[Copy], object]] = {
    "quantity": lambda copy: change(quantity=8, **copy.known),
    "plan": lambda copy: change(plan_id=copy.plans["Team"].pk, **copy.known),
    "interval": lambda copy: change(plan_id=copy.plans["Yearly"].pk, **copy.known),
    "quantity waits": lambda copy: change(quantity=7, proration_behavior="create_prorations", **copy.known),
    "quantity later": lambda copy: change(quantity=2, effective="period_end", **copy.known),
    "not later": lambda copy: unschedule(**copy.known),
    "pause": lambda copy: pause(**copy.known),
    "pause until the 20th": lambda copy: pause(resume_at=date(2026, 4, 20), **copy.known),
    "resume": lambda copy: resume(**copy.known),
    "cancel": lambda copy: cancel(**copy.known),
    "cancel later": lambda copy: cancel(at_period_end=True, **copy.known),
    "uncancel": lambda copy: uncancel(**copy.known),
    "detach": lambda copy: detach(coupon_id=copy.coupon, **copy.known),
    "run": lambda copy: copy.run(),
    "void": lambda copy: void(**copy.of_first),
    "waive": lambda copy: void(replace_it=False, **copy.of_first),
    "note": lambda copy: credit_note(amount=1000, **copy.of_first),
    "pay": lambda copy: copy.pay(),
    "grant": lambda copy: grant(
        account_id=copy.account.pk, amount=700, currency="EUR", reason="x", at=copy.at, actor=ACTOR
    ),
}  # fmt: skip
