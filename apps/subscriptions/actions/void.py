"""Void an invoice with the days that it billed: corrected by another in its place, or waived."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateRange

from apps.accounts import queries as accounts
from apps.accounts.models import Account
from apps.coupons import actions as coupon_actions
from apps.coupons import queries as coupons
from apps.coupons.lines import discounted
from apps.coupons.rules import Attached
from apps.events.rules import Lane
from apps.invoices.actions.void import void as void_document
from apps.invoices.models import Invoice, Line
from apps.invoices.rules import DraftInvoice, DraftLine, Kind, LineKind
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.ids import uuid7
from apps.kernel.periods import Period
from apps.kernel.transactions import unit_of_work
from apps.plans import queries as plans
from apps.rest import etags
from apps.subscriptions import queries
from apps.subscriptions.actions import announce
from apps.subscriptions.actions.bill import Bill, write
from apps.subscriptions.actions.extras import after
from apps.subscriptions.actions.metering import undo
from apps.subscriptions.actions.portions import Portion
from apps.subscriptions.actions.rating import Rated, rate
from apps.subscriptions.actions.standing import billed_up_to, charged_again, put_back, released
from apps.subscriptions.actions.supersede import USED, set_back
from apps.subscriptions.events import SubscriptionUpdated
from apps.subscriptions.models import BilledPeriod, Subscription
from apps.subscriptions.usage_queries import closed_at
from apps.tax.rules import Behavior

CHARGES = (LineKind.RECURRING, LineKind.PRORATION_CHARGE)


@dataclass(frozen=True)
class Voided:
    """The void invoice, and the one in its place if there is one."""

    invoice: Invoice
    replacement_id: UUID | None


def void(
    *,
    invoice_id: UUID,
    reason: str,
    replace_it: bool = True,
    payment: str = "credit",
    expected_version: int | None = None,
    at: datetime,
    actor: Actor,
) -> Voided:
    """Void it; the corrected invoice over the same days is issued from present data, or (not `replace_it`) they are
    waived. Where it credited another, what it credited stands again, and nothing comes in its place.

    Credit goes back to its grants and then pays the correction; `payment`: what was paid becomes
    `credit`, or goes back as a `refund`.
    Errors: invoice_not_found (404), version_changed (412), invoice_charged_again and those of the document (409).
    """
    with unit_of_work(actor):
        owner = Invoice.objects.filter(pk=invoice_id).values_list("account_id", flat=True).first()
        if owner is None:
            raise NotFound("invoice_not_found", f"There is no invoice {invoice_id}.", hint="Check the id.")
        account = accounts.lock_one(owner)
        invoice = Invoice.objects.get(pk=invoice_id)
        etags.demand(invoice.version, expected_version)
        voided = void_document(
            [invoice_id], reason=reason, at=at, actor=actor, lane=Lane.API, refund=payment == "refund"
        )[0]
        coupon_actions.give_back([invoice_id], at=at)
        lines = list(Line.objects.filter(invoice_id=invoice_id).order_by("position"))
        bill = _follows(voided, account, lines, replace_it=replace_it)
        _stand_again({line.subscription_id for line in lines if line.subscription_id}, account, at=at)
        made = write(bill, accounts={account.pk: account}, at=at, actor=actor, lane=Lane.API)
        return Voided(voided, made[0] if made else None)


def _follows(invoice: Invoice, account: Account, lines: Sequence[Line], *, replace_it: bool) -> Bill:
    """What becomes of the days it billed, and the invoice in its place."""
    bill = Bill()
    subscriptions = {line.subscription_id for line in lines if line.subscription_id}
    if any(line.kind == LineKind.PRORATION_CREDIT for line in lines):
        # What it credited stands again, and the change that did it is billed no more; the rest of it is as any other.
        changed = [line for line in lines if "change" in line.source]
        if charging := charged_again(changed):
            raise Conflict(
                "invoice_charged_again",
                f"Days that this invoice credits have been charged again by {', '.join(charging)}.",
                hint="Void those first, without another in their place; then these days stand as they were charged.",
            )
        put_back(subscriptions, changed, by=invoice.pk)
        lines = [line for line in lines if "change" not in line.source and line.kind != LineKind.CREDIT_TO_BALANCE]
        if not lines:
            return bill
    metered = [line for line in lines if line.kind in USED]
    lines = [line for line in lines if line.kind not in USED]
    new_ids = {line.pk: uuid7() for line in lines}
    for row in released(subscriptions, new_ids, by=invoice.pk):
        line_id = new_ids[row.line_id] if replace_it and row.line_id else None
        _stand(row, line_id, waived=not replace_it)
    if not replace_it:
        return bill
    drafts = [_anew(line, new_ids[line.pk]) for line in lines if line.kind != LineKind.CREDIT_TO_BALANCE]
    for used in _rated_again(metered, account, by=invoice.pk):
        drafts += used.lines
        bill.usage.append(used)
    if not drafts:
        return bill
    again, uses = _discounted(drafts, lines, coupons.of_sales([invoice.pk]))
    bill.invoice(
        DraftInvoice(
            account_id=invoice.account_id,
            subscription_id=invoice.subscription_id,
            kind=Kind.CORRECTION,
            currency=invoice.currency,
            lines=again,
            replaces_id=invoice.pk,
            metadata=invoice.metadata,
        ),
        uses,
    )
    return bill


def _rated_again(lines: Sequence[Line], account: Account, *, by: UUID) -> list[Rated]:
    """The usage that these lines billed, by the events there are now: of each period, as far as it has been billed."""
    found = []
    rows = Subscription.objects.in_bulk({line.subscription_id for line in lines if line.subscription_id})
    for subscription in rows.values():
        own = [line for line in lines if line.subscription_id == subscription.pk]
        undo(subscription.pk, [line.pk for line in own], by=by)
        for start, end in sorted({tuple(line.source["full_period"]) for line in own}):
            full = Period(date.fromisoformat(start), date.fromisoformat(end))
            if (closed := closed_at(subscription.pk, full)) is not None:
                due = rate([Portion(subscription, account, *closed, only=full)])
                found += list(due.values())
    return found


def _stand_again(subscription_ids: Collection[UUID], account: Account, *, at: datetime) -> None:
    """Let each say up to which day it is billed: what a void credit gives back may reach further, or less far."""
    for subscription in queries.lock(subscription_ids):
        terms = plans.terms([subscription.plan_version_id])[subscription.plan_version_id]
        before, billed_to = announce.shown(subscription, terms), subscription.billed_to
        reached = billed_up_to(subscription)
        if reached is None or reached == billed_to:
            continue
        set_back(subscription, account, terms)
        if not announce.save(subscription, terms, before=before, announced=SubscriptionUpdated, at=at):
            Subscription.objects.filter(pk=subscription.pk).update(billed_to=subscription.billed_to)


def _stand(row: BilledPeriod, line_id: UUID | None, *, waived: bool) -> None:
    BilledPeriod.objects.create(
        subscription_id=row.subscription_id,
        component=row.component,
        days=DateRange(row.days.lower, row.days.upper),
        line_id=line_id,
        waived=waived,
    )


def _anew(line: Line, line_id: UUID) -> DraftLine:
    """The same charge, as it was before discount and tax: these are of today."""
    tax = line.tax_amount if line.tax_behavior == Behavior.INCLUSIVE else 0
    gross = line.source.get("gross", line.amount + tax)
    return DraftLine(
        id=line_id,
        kind=LineKind(line.kind),
        description=line.description,
        amount=int(gross),
        subscription_id=line.subscription_id,
        plan_version=line.plan_version,
        period=Period(line.service_days.lower, line.service_days.upper) if line.service_days else None,
        instants=(line.period_start, line.period_end) if line.period_start and line.period_end else None,
        quantity=Decimal(line.quantity),
        unit_amount=line.unit_amount,
        tax_category=_category(line),
        tax_behavior=line.tax_behavior,
        source={name: value for name, value in line.source.items() if name != "discounts"},
        breakdown=line.breakdown,
    )


def _category(line: Line) -> str:
    """What is sold, as tax knows it: a rate of the standard category may have served a category of its own."""
    return str(line.source.get("tax_code") or line.tax_category)


def _discounted(
    drafts: Sequence[DraftLine], lines: Sequence[Line], sold: Sequence[Attached]
) -> tuple[list[DraftLine], list[tuple[UUID, int]]]:
    """What coupons take off it now, subscription by subscription; off a sale (`sold`), what was given with it."""
    if sold:
        return discounted(drafts, None, sold)
    ids = {line.subscription_id for line in lines if line.subscription_id}
    # A coupon that has been detached since gives again what it gave: nothing of what is billed changes by that.
    named = {UUID(part["coupon"]) for line in lines for part in line.source.get("discounts", ())}
    attached: dict[UUID, list[Attached]] = dict(coupons.attached(ids, given=named))
    versions = {UUID(line.source["plan_version_id"]) for line in drafts if "plan_version_id" in line.source}
    terms = plans.terms(versions) if versions and attached else {}
    found, uses = [], []
    for draft in drafts:
        version = draft.source.get("plan_version_id")
        if draft.subscription_id is None or version is None or UUID(version) not in terms:
            found.append(draft)
            continue
        left = attached.get(draft.subscription_id, [])
        again, given = discounted([draft], terms[UUID(version)].plan_id, left)
        attached[draft.subscription_id] = after(left, given)
        found += again
        uses += given
    return found, uses
