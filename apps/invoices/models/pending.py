"""Lines that wait for an invoice: of a change, or of something sold beside a subscription."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.invoices.rules import DraftLine, LineKind
from apps.kernel.fields import CurrencyField
from apps.kernel.models import Record
from apps.kernel.periods import Period
from apps.tax.rules import AppliedRate


class PendingItem(Record):
    """One line, whole, as it will be on the invoice; its id is the line's. It is billed or removed once.

    `subscription_id`: it waits for the next invoice of that subscription; without one, for the account's.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="pending_items", db_index=False)
    subscription_id = models.UUIDField(null=True)
    currency = CurrencyField()
    line = models.JSONField()
    at = models.DateTimeField()
    invoice_at = models.DateTimeField(null=True, help_text="It waits for an invoice of its own, made at this instant.")
    invoice_id = models.UUIDField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        indexes = [
            models.Index(
                fields=["account", "id"],
                condition=Q(invoice_id__isnull=True, removed_at__isnull=True),
                name="invoices_pending_waiting",
            ),
            models.Index(fields=["account", "-id"], name="invoices_pending_account"),
            models.Index(
                fields=["invoice_at", "id"],
                condition=Q(invoice_at__isnull=False, invoice_id__isnull=True, removed_at__isnull=True),
                name="invoices_pending_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(invoice_id__isnull=True) | Q(removed_at__isnull=True), name="invoices_pending_one_fate"
            ),
            models.CheckConstraint(
                condition=Q(invoice_at__isnull=True) | Q(subscription_id__isnull=False),
                name="invoices_pending_due_of_a_subscription",
            ),
        ]

    def __str__(self) -> str:
        return str(self.line["description"])

    def draft_line(self) -> DraftLine:
        """The line as an invoice takes it."""
        told: dict[str, Any] = self.line
        carried = told["carried"]
        return DraftLine(
            id=self.pk,
            kind=LineKind(told["kind"]),
            description=told["description"],
            amount=told["amount"],
            subscription_id=self.subscription_id,
            plan_version=told["plan_version"],
            period=Period(*map(date.fromisoformat, told["period"])) if told["period"] else None,
            instants=_pair(told["instants"]),
            quantity=Decimal(told["quantity"]),
            unit_amount=None if told["unit_amount"] is None else Decimal(told["unit_amount"]),
            discount_amount=told["discount_amount"],
            tax_category=told["tax_category"],
            tax_behavior=told["tax_behavior"],
            carried=AppliedRate(**{**carried, "rate": Decimal(carried["rate"])}) if carried else None,
            source=told["source"],
            breakdown=told["breakdown"],
        )


def told(line: DraftLine) -> dict[str, Any]:
    """A line as the table keeps it; draft_line() is the way back."""
    carried = line.carried
    return {
        "kind": line.kind.value,
        "description": line.description,
        "amount": line.amount,
        "plan_version": line.plan_version,
        "period": [line.period.start.isoformat(), line.period.end.isoformat()] if line.period else None,
        "instants": [instant.isoformat() for instant in line.instants] if line.instants else None,
        "quantity": str(line.quantity),
        "unit_amount": None if line.unit_amount is None else str(line.unit_amount),
        "discount_amount": line.discount_amount,
        "tax_category": line.tax_category,
        "tax_behavior": str(line.tax_behavior),
        "carried": carried and {
            "jurisdiction": carried.jurisdiction, "name": carried.name, "rate": str(carried.rate),
            "category": carried.category, "reason": str(carried.reason),
        },
        "source": dict(line.source),
        "breakdown": None if line.breakdown is None else [dict(part) for part in line.breakdown],
    }  # fmt: skip


def _pair(instants: list[str] | None) -> tuple[datetime, datetime] | None:
    return (datetime.fromisoformat(instants[0]), datetime.fromisoformat(instants[1])) if instants else None
