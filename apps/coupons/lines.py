"""What coupons take off the lines of an invoice that is drawn up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from apps.coupons.rules import Attached, Discountable, discounts
from apps.invoices.rules import DraftLine, LineKind

DISCOUNTED = {
    LineKind.RECURRING: "renewal", LineKind.PRORATION_CHARGE: "proration", LineKind.ONE_OFF: "one_off",
    LineKind.USAGE: "usage", LineKind.MINIMUM: "usage",
}  # fmt: skip


def discounted(
    lines: Sequence[DraftLine], plan_id: UUID | None, attached: Sequence[Attached]
) -> tuple[list[DraftLine], list[tuple[UUID, int]]]:
    """The lines with what coupons take off their charges, and what each coupon gave: (attachment, amount)."""
    charges = [index for index, line in enumerate(lines) if line.kind in DISCOUNTED and line.amount > 0]
    if not attached or not charges:
        return list(lines), []
    asked = [Discountable(lines[index].amount, plan_id, DISCOUNTED[lines[index].kind]) for index in charges]
    answer = discounts(asked, attached)
    codes = {each.id: each for each in attached}
    found = list(lines)
    for index, amount, parts in zip(charges, answer.per_line, answer.parts, strict=True):
        if not amount:
            continue
        line = lines[index]
        named: list[Mapping[str, Any]] = [
            {"coupon": str(codes[part].coupon_id), "code": codes[part].code, "amount": given} for part, given in parts
        ]
        found[index] = replace(line, discount_amount=amount, source={**line.source, "discounts": named})
    return found, list(answer.uses)
