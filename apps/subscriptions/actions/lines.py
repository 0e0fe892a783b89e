"""Lines of recurring prices: what a charge or a credit of days is on an invoice, with all that it was computed from."""

from decimal import Decimal
from uuid import UUID

from apps.invoices.rules import DraftLine, LineKind
from apps.plans.rules import Terms
from apps.subscriptions.models import Subscription
from apps.subscriptions.rules.charges import Billable, Charge


def charge_line(
    subscription: Subscription,
    terms: Terms,
    period: Billable,
    line_id: UUID,
    *,
    kind: LineKind = LineKind.RECURRING,
    change_id: UUID | None = None,
) -> DraftLine:
    """The recurring price for some days. `change_id`: the change that charges them, if it was one."""
    charge = period.charge
    return DraftLine(
        id=line_id,
        kind=kind,
        description=describe(charge, terms.name),
        amount=charge.amount,
        subscription_id=subscription.id,
        plan_version=terms.version,
        period=charge.period,
        instants=(period.start, period.end),
        quantity=Decimal(charge.quantity),
        unit_amount=Decimal(charge.unit_amount),
        tax_category=terms.tax_code,
        tax_behavior=terms.tax_behavior,
        source={
            "plan_version_id": str(terms.plan_version_id),
            "name": terms.name,
            "days": charge.period.days,
            "full_period": [charge.full.start.isoformat(), charge.full.end.isoformat()],
            "gross": charge.amount,
            "tax_code": terms.tax_code,
            **({"change": str(change_id)} if change_id else {}),
        },
    )


def describe(charge: Charge, name: str) -> str:
    """What a line says: the plan, how many of it, and of how many days if not of all."""
    text = f"{name} x {charge.quantity}" if charge.quantity > 1 else name
    return f"{text} ({charge.period.days} of {charge.full.days} days)" if charge.is_stub else text
