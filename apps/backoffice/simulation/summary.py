"""What became of a simulated company: figures by currency and by month, and a digest that the seed decides."""

import hashlib
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncMonth

from apps.accounts.models import Account
from apps.credits.models import Grant
from apps.invoices.models import CreditNote, Invoice, Line, Settlement
from apps.subscriptions.models import Subscription, UsageBill


def figures(clock_id: UUID) -> dict[str, Any]:
    """Counts, and amounts in minor units."""
    invoices = Invoice.objects.filter(account__test_clock_id=clock_id)
    subscriptions = Subscription.objects.filter(account__test_clock_id=clock_id)
    payments = Settlement.objects.filter(invoice__account__test_clock_id=clock_id, kind="payment")
    notes = CreditNote.objects.filter(account__test_clock_id=clock_id)
    grants = Grant.objects.filter(account__test_clock_id=clock_id)
    standing = invoices.exclude(status="VOID")
    currencies: dict[str, dict[str, int]] = {}
    for currency, count, billed, tax in (
        standing.values_list("currency").annotate(Count("pk"), Sum("total"), Sum("tax")).order_by("currency")
    ):
        currencies[currency] = {"invoices": count, "billed": int(billed), "tax": int(tax)}
    for name, rows in (
        ("paid", payments.values_list("invoice__currency").annotate(Sum("amount"))),
        ("credited", notes.values_list("currency").annotate(Sum("total"))),
        ("granted", grants.values_list("currency").annotate(Sum("amount"))),
    ):
        for currency, amount in rows.order_by():
            currencies.setdefault(currency, {})[name] = int(amount)
    months = standing.annotate(month=TruncMonth("issue_date")).values_list("month", "currency").annotate(Sum("total"))
    by_month: dict[str, dict[str, int]] = {}
    for month, currency, billed in months.order_by("month", "currency"):
        by_month.setdefault(f"{month:%Y-%m}", {})[currency] = int(billed)
    return {
        "accounts": Account.objects.filter(test_clock_id=clock_id).count(),
        "subscriptions": dict(subscriptions.values_list("status").annotate(Count("pk")).order_by("status")),
        "invoices": invoices.count(),
        "void": invoices.filter(status="VOID").count(),
        "currencies": currencies,
        "billed_by_month": by_month,
        "usage_events_billed": events_billed(clock_id),
        "digest": digest(clock_id),
    }


def events_billed(clock_id: UUID) -> int:
    """How many usage events stand on invoices: what each charge of a period was last counted to hold."""
    bills = UsageBill.objects.filter(subscription__account__test_clock_id=clock_id, released_by=None)
    runs = bills.order_by().values("subscription", "charge", "since").annotate(held=Max("events"))
    return sum(row["held"] for row in runs)


def digest(clock_id: UUID) -> str:
    """Of lines, amounts, dates and states in order per account: two lives of one seed have one digest."""
    numbers = {
        pk: number
        for number, pk in enumerate(
            Account.objects.filter(test_clock_id=clock_id).order_by("pk").values_list("pk", flat=True)
        )
    }
    made = hashlib.sha256()
    lines = Line.objects.filter(invoice__account__test_clock_id=clock_id).order_by(
        "invoice__account_id", "invoice_id", "position"
    )
    for row in lines.values_list(
        "invoice__account_id", "invoice__status", "invoice__kind", "invoice__issue_date", "invoice__due_date",
        "invoice__total", "kind", "description", "service_days", "amount", "discount_amount", "tax_amount", "tax_rate",
    ).iterator(2000):  # fmt: skip
        made.update(repr((numbers[row[0]], *map(str, row[1:]))).encode())
    for status, billed_to, account_id in (
        Subscription.objects.filter(account__test_clock_id=clock_id)
        .order_by("pk")
        .values_list("status", "billed_to", "account_id")
    ):
        made.update(repr((numbers[account_id], status, str(billed_to))).encode())
    return made.hexdigest()
