"""The dashboard's figures, each one query that an index answers. Times are those of the clock that is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Max, Q, Sum

from apps.accounts.models import Account
from apps.clocks.models import TestClock
from apps.invoices.models import Invoice
from apps.invoices.queries import with_balances
from apps.invoices.rules import Status as InvoiceStatus
from apps.payments.models import Payment
from apps.payments.rules import Status as PaymentStatus
from apps.subscriptions.models import BillingRun, Subscription
from apps.subscriptions.rules.lifecycle import Status

COLLECTED_DAYS = 30
TRIAL_DAYS = 14
NEWEST = 10
CLOCKS = 20


@dataclass(frozen=True, slots=True)
class View:
    """Whose figures: of the accounts on one test clock, or of those on the wall's; all of them where no clock is."""

    at: datetime
    clock: TestClock | None
    clocks: Sequence[TestClock]

    @property
    def clock_id(self) -> UUID | None:
        return self.clock.pk if self.clock else None

    def of(self, path: str = "account__") -> Q:
        """The accounts looked at."""
        if not self.clocks:
            return Q()
        return Q(**{f"{path}test_clock": self.clock.pk}) if self.clock else Q(**{f"{path}test_clock__isnull": True})


def view(chosen: str, wall: datetime) -> View:
    """The clock that was asked for ("wall" or an id); else the wall's, unless every account is on a test clock."""
    clocks = list(TestClock.objects.order_by("-pk")[:CLOCKS])
    if not clocks:
        return View(wall, None, ())
    clock = next((each for each in clocks if str(each.pk) == chosen), None)
    if clock is None and chosen != "wall" and not Account.objects.filter(test_clock__isnull=True).exists():
        clock = clocks[0]
    return View(clock.frozen_time if clock else wall, clock, clocks)


@dataclass(frozen=True, slots=True)
class Sums:
    """What is open in one currency, and of that what is overdue."""

    currency: str
    count: int
    amount: int
    overdue_count: int
    overdue_amount: int


def open_invoices(looked: View) -> list[Sums]:
    """By currency, what is left to pay: one look into the settlements' index for each open invoice, whatever the years
    before have left behind."""
    is_late = ExpressionWrapper(Q(due_date__lt=looked.at.date()), output_field=BooleanField())
    rows = (
        with_balances(Invoice.objects.filter(looked.of(), status=InvoiceStatus.OPEN))
        .annotate(late=is_late)
        .order_by("currency", "late")
        .values("currency", "late")
        .annotate(count=Count("pk"), owed=Sum("balance"))
    )
    sums: dict[str, Sums] = {}
    for row in rows:
        before = sums.get(row["currency"], Sums(row["currency"], 0, 0, 0, 0))
        count, owed = row["count"], int(row["owed"])
        sums[row["currency"]] = Sums(
            row["currency"],
            before.count + count,
            before.amount + owed,
            count if row["late"] else 0,
            owed if row["late"] else 0,
        )
    return list(sums.values())


def collected(looked: View) -> list[dict[str, Any]]:
    """Payments that succeeded within the last 30 days, less what was given back, by currency."""
    sums = (
        Payment.objects.filter(
            looked.of(),
            status=PaymentStatus.SUCCEEDED,
            settled_at__gt=looked.at - timedelta(days=COLLECTED_DAYS),
            settled_at__lte=looked.at,
        )
        .order_by("currency")
        .values("currency")
        .annotate(count=Count("pk"), amount=Sum(F("amount") - F("amount_refunded")))
    )
    return [dict(row) for row in sums]


def failed_payments(looked: View) -> list[Payment]:
    """The newest that failed."""
    found = Payment.objects.filter(looked.of(), status=PaymentStatus.FAILED)
    return list(found.select_related("account", "invoice").order_by("-pk")[:NEWEST])


def runs() -> list[BillingRun]:
    """The newest runs, of every clock."""
    return list(BillingRun.objects.select_related("test_clock").order_by("-pk")[:5])


def new_subscriptions(looked: View) -> list[dict[str, Any]]:
    """Begun within the last 30 days, by plan, the most wanted first."""
    begun = Subscription.objects.filter(
        looked.of(),
        start_date__gt=(looked.at - timedelta(days=COLLECTED_DAYS)).date(),
        start_date__lte=looked.at.date(),
    )
    by_plan = begun.order_by().values("plan_id").annotate(count=Count("pk"), name=Max("plan__name"))
    return [dict(row) for row in by_plan.order_by("-count", "plan_id")[:NEWEST]]


def ending_trials(looked: View) -> list[Subscription]:
    """Trials that end within two weeks, the next first."""
    found = Subscription.objects.filter(
        looked.of(),
        status=Status.TRIAL,
        trial_end__gte=looked.at,
        trial_end__lt=looked.at + timedelta(days=TRIAL_DAYS),
    )
    return list(found.select_related("account", "plan").order_by("trial_end", "pk")[:NEWEST])
