"""The coupon as the API answers with it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.coupons.models import Coupon
from apps.coupons.rules import Duration
from apps.rest.objects import ApiObject


class CouponObject(ApiObject, kw_only=True, frozen=True):
    """What comes off: `percent_off`, or `amount_off` minor units of `currency`; of `plan_ids`, or of all plans."""

    id: UUID
    code: str
    name: str
    percent_off: Decimal | None
    amount_off: int | None
    currency: str | None
    duration: Duration
    duration_periods: int | None
    plan_ids: list[UUID]
    max_redemptions: int | None
    redeemed: int
    redeem_by: datetime | None
    active: bool
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    url: str


def coupon_objects(coupons: Iterable[Coupon]) -> list[CouponObject]:
    """The objects of these coupons, in their order."""
    return [
        CouponObject(
            id=coupon.pk,
            code=coupon.code,
            name=coupon.name,
            percent_off=None if coupon.percent_off is None else _short(coupon.percent_off),
            amount_off=coupon.amount_off,
            currency=coupon.currency,
            duration=Duration(coupon.duration),
            duration_periods=coupon.duration_periods,
            plan_ids=list(coupon.plan_ids),
            max_redemptions=coupon.max_redemptions,
            redeemed=coupon.redeemed,
            redeem_by=coupon.redeem_by,
            active=coupon.active,
            metadata=coupon.metadata,
            created_at=coupon.created_at,
            updated_at=coupon.updated_at,
            url=f"/v1/coupons/{coupon.pk}",
        )
        for coupon in coupons
    ]


def _short(percent: Decimal) -> Decimal:
    """Without zeros at its end."""
    return Decimal(f"{percent.normalize():f}")
