"""Reads of coupons: what is left of each is summed from its uses."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from apps.coupons.models import Attachment, Coupon
from apps.coupons.rules import Attached, Duration
from apps.kernel.membership import among


def coupons() -> QuerySet[Coupon]:
    """All coupons."""
    return Coupon.objects.all()


def lock(code: str) -> Coupon | None:
    """Lock the coupon of that code, in whatever case it is written."""
    return Coupon.objects.filter(code__iexact=code).select_for_update(no_key=True).first()


def attached(subscription_ids: Collection[UUID]) -> dict[UUID, list[Attached]]:
    """What may still come off the charges of these subscriptions, in the order it was attached; one query."""
    if not subscription_ids:
        return {}
    standing = Q(uses__returned_at=None)
    rows = (
        Attachment.objects.filter(among("subscription_id", subscription_ids), detached_at=None)
        .select_related("coupon")
        .annotate(periods=Count("uses", filter=standing), given=Sum("uses__amount", filter=standing))
        .order_by("pk")
    )
    found: dict[UUID, list[Attached]] = {}
    for row in rows:
        each = _left(row)
        if each.periods_left != 0 and each.amount_left != 0:
            found.setdefault(row.subscription_id, []).append(each)
    return found


def _left(row: Any) -> Attached:
    coupon = row.coupon
    once = coupon.duration == Duration.ONCE
    fixed = coupon.amount_off is not None
    periods = 1 if once and not fixed else coupon.duration_periods
    return Attached(
        id=row.pk,
        coupon_id=coupon.pk,
        code=coupon.code,
        percent_off=coupon.percent_off,
        amount_off=coupon.amount_off,
        duration=coupon.duration,
        periods_left=None if periods is None else max(0, periods - row.periods),
        amount_left=coupon.amount_off - int(row.given or 0) if once and fixed else coupon.amount_off,
        plan_ids=frozenset(coupon.plan_ids),
    )
