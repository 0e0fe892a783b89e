"""Reads of coupons: what is left of each is summed from its uses."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet, Sum

from apps.coupons.models import Attachment, Coupon, CouponUse
from apps.coupons.rules import Attached, Duration
from apps.kernel.membership import among, array
from apps.kernel.transactions import read_once

ON = "coupons.attachments"
"""What a preview reads once, and again after it has attached one."""

# Asked for every subscription whenever it is shown or billed, and most have none.
_ATTACHED = """
SELECT subscription_id, id FROM coupons_attachment
WHERE subscription_id = ANY(%s::uuid[]) AND (detached_at IS NULL OR coupon_id = ANY(%s::uuid[])) ORDER BY id
"""


def coupons() -> QuerySet[Coupon]:
    """All coupons."""
    return Coupon.objects.all()


def lock(code: str) -> Coupon | None:
    """Lock the coupon of that code, in whatever case it is written."""
    return Coupon.objects.filter(code__iexact=code).select_for_update(no_key=True).first()


def standing(subscription_ids: Collection[UUID]) -> dict[UUID, list[Attachment]]:
    """The coupons on these subscriptions, used up or not, in the order they were attached; one query."""
    found: dict[UUID, list[Attachment]] = {}
    for row in _attachments(subscription_ids, ()):
        if row.subscription_id:
            found.setdefault(row.subscription_id, []).append(row)
    return found


def attached(subscription_ids: Collection[UUID], *, given: Collection[UUID] = ()) -> dict[UUID, list[Attached]]:
    """What may still come off the charges of these subscriptions, in the order it was attached.

    `given`: coupons that count also where they have been detached since: they gave to what is charged again.
    """
    if not subscription_ids:
        return {}
    attachments = _attachments(subscription_ids, given)
    found: dict[UUID, list[Attached]] = {}
    for row, each in zip(attachments, left_of(attachments), strict=True):
        if row.subscription_id and each.periods_left != 0 and each.amount_left != 0:
            found.setdefault(row.subscription_id, []).append(each)
    return found


def of_sales(invoice_ids: Collection[UUID]) -> list[Attached]:
    """The coupons of these one-off invoices, with what is left of each: all of it once its invoice is void."""
    ids = CouponUse.objects.filter(invoice_id__in=invoice_ids, attachment__subscription_id=None).values("attachment_id")
    return left_of(list(Attachment.objects.filter(pk__in=ids).select_related("coupon").order_by("pk")))


def left_of(attachments: Sequence[Attachment]) -> list[Attached]:
    """What may still come off by each of these."""
    used = _used([row.pk for row in attachments])
    return [_left(row, *used.get(row.pk, (0, 0))) for row in attachments]


def _attachments(subscription_ids: Collection[UUID], given: Collection[UUID]) -> list[Attachment]:
    if not subscription_ids:
        return []
    found = _ids_on(subscription_ids, given) if given else read_once(ON, subscription_ids, _ids_on)
    ids = [pk for each in found.values() for pk in each]
    rows = Attachment.objects.filter(among("pk", ids)).select_related("coupon").order_by("pk") if ids else ()
    # A coupon counts once, however often it was attached.
    return list({(row.subscription_id, row.coupon_id): row for row in rows}.values())


def _ids_on(subscription_ids: Collection[UUID], given: Collection[UUID] = ()) -> dict[UUID, list[UUID]]:
    """The attachments of each of these subscriptions that has any."""
    found: dict[UUID, list[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ATTACHED, [array(subscription_ids), array(given)])
        for subscription_id, pk in cursor.fetchall():
            found.setdefault(subscription_id, []).append(pk)
    return found


def _used(ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """In how many periods each gave, and how much: what was returned does not count."""
    if not ids:
        return {}
    uses = CouponUse.objects.filter(among("attachment_id", ids), returned_at=None).order_by()
    rows = uses.values_list("attachment_id")
    return {pk: (periods, int(given)) for pk, periods, given in rows.annotate(periods=Count("pk"), given=Sum("amount"))}


def _left(row: Any, used_periods: int, given: int) -> Attached:
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
        periods_left=None if periods is None else max(0, periods - used_periods),
        amount_left=coupon.amount_off - given if once and fixed else coupon.amount_off,
        plan_ids=frozenset(coupon.plan_ids),
    )
