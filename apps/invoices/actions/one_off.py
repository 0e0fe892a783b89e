"""One-off invoices: sold beside subscriptions, invoiced at once or waiting for the account's next invoice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.invoices.actions import pending
from apps.invoices.actions.issue import collecting, issue
from apps.invoices.fingerprint import fingerprint
from apps.invoices.models import Invoice, PendingItem
from apps.invoices.registry import redeemed
from apps.invoices.rules import DraftInvoice, DraftLine, Kind, LineKind, one_off_amount
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed, Problem
from apps.kernel.ids import uuid7
from apps.kernel.periods import Period, local_date
from apps.kernel.transactions import unit_of_work
from apps.tax.rules import STANDARD, Behavior


@dataclass(frozen=True, kw_only=True)
class Sale:
    """One thing sold: `quantity` of it at `unit_amount` minor units each, rounded once. Below zero it is a reduction.

    The period, local dates [start, end), is what the line says; it is revenue at once.
    """

    description: str
    unit_amount: Decimal
    quantity: Decimal = Decimal(1)
    tax_code: str = STANDARD
    tax_behavior: str = Behavior.EXCLUSIVE
    period_start: date | None = None
    period_end: date | None = None


def one_off(
    *,
    account_id: UUID,
    sales: Sequence[Sale],
    coupon: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    expected_preview: str | None = None,
    at: datetime,
    actor: Actor,
) -> Invoice:
    """Invoice these sales at once, and nothing else: what waits for the account's next invoice goes on waiting.

    `coupon`: its code; it comes off before tax. Errors: account_unknown, total_negative, amount_too_large,
    period_invalid and those of the coupon (422, 409); preview_changed (412).
    """
    with unit_of_work(actor), collecting() as made:
        account = accounts.lock_open(account_id)
        invoice_id, lines = uuid7(), [_line(sale, f"/lines/{index}") for index, sale in enumerate(sales)]
        if coupon:
            lines = redeemed(lines, code=coupon, account=account, invoice_id=invoice_id, at=at, actor=actor)
        draft = DraftInvoice(
            id=invoice_id,
            account_id=account_id,
            kind=Kind.ONE_OFF,
            currency=account.currency,
            lines=lines,
            metadata=dict(metadata or {}),
        )
        issued = issue([draft], at=at, actor=actor, accounts={account_id: account})[0]
        found = fingerprint(None, local_date(at, account.timezone), made)
        if expected_preview is not None and expected_preview != found:
            raise PreconditionFailed(
                "preview_changed",
                "The amounts would no longer be those of the preview, or the day is another.",
                hint="Preview it again, look at the amounts, and send the new hash.",
            )
        return Invoice.objects.get(pk=issued.invoice_id)


def add_pending(*, account_id: UUID, sale: Sale, at: datetime, actor: Actor) -> PendingItem:
    """Let a sale wait for the next invoice. Errors: account_unknown, amount_too_large, period_invalid (422)."""
    with unit_of_work(actor):
        account: Account = accounts.lock_open(account_id)
        return pending.add([(account, _line(sale, ""))], at=at, actor=actor)[0]


def remove_pending(*, item_id: UUID, at: datetime, actor: Actor) -> None:
    """Take it back while it waits.

    Errors: pending_item_not_found (404); pending_item_billed, pending_item_of_change (409).
    """
    with unit_of_work(actor):
        item = PendingItem.objects.filter(pk=item_id).first()
        if item is None:
            raise NotFound("pending_item_not_found", f"There is no pending item {item_id}.", hint="Check the id.")
        accounts.lock_one(item.account_id)
        if item.subscription_id is not None:
            raise Conflict(
                "pending_item_of_change",
                f"The item is part of a change of subscription {item.subscription_id}: alone it cannot be taken back.",
                hint="Change the subscription back, or credit the line once it is on an invoice.",
            )
        if not pending.remove([item_id], at=at):
            raise Conflict(
                "pending_item_billed",
                "The item waits no more: it is on an invoice, or was removed before.",
                hint="Credit the invoice's line instead.",
            )


def _line(sale: Sale, at: str) -> DraftLine:
    amount = one_off_amount(sale.quantity, sale.unit_amount)
    return DraftLine(
        kind=LineKind.ONE_OFF,
        description=sale.description,
        amount=amount,
        quantity=sale.quantity,
        unit_amount=sale.unit_amount,
        tax_category=sale.tax_code,
        tax_behavior=sale.tax_behavior,
        period=_period(sale, at),
        source={"tax_code": sale.tax_code, "gross": amount},
    )


def _period(sale: Sale, at: str) -> Period | None:
    if sale.period_start is None and sale.period_end is None:
        return None
    if sale.period_start is None or sale.period_end is None or sale.period_end <= sale.period_start:
        detail = "A period has a start, and an end after it: the first day that it does not hold."
        raise Invalid(
            "period_invalid",
            detail,
            hint="Give both dates, or none.",
            errors=[Problem(f"{at}/period_end", "period_invalid", detail)],
        )
    return Period(sale.period_start, sale.period_end)
