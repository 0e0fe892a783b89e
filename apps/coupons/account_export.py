"""What an account's export holds of its coupons: where each was attached, and until when."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from apps.accounts.registry import section
from apps.coupons.models import Attachment
from apps.rest.objects import ApiObject


class CouponAttachmentObject(ApiObject, kw_only=True, frozen=True):
    """A coupon on a subscription; without one, on an invoice of its own."""

    id: UUID
    coupon_id: UUID
    code: str
    subscription_id: UUID | None
    attached_at: datetime
    detached_at: datetime | None


def _attachments(rows: Iterable[Attachment]) -> list[CouponAttachmentObject]:
    return [
        CouponAttachmentObject(
            id=row.pk,
            coupon_id=row.coupon_id,
            code=row.coupon.code,
            subscription_id=row.subscription_id,
            attached_at=row.at,
            detached_at=row.detached_at,
        )
        for row in rows
    ]


section(
    "coupons",
    CouponAttachmentObject,
    rows=lambda account_id: Attachment.objects.filter(account_id=account_id).select_related("coupon"),
    show=_attachments,
)
