"""Coupons for staff, to read: who has them and what they gave."""

from django.contrib import admin

from apps.coupons.models import Attachment, Coupon
from apps.kernel.admin import PartInline, RecordAdmin
from apps.kernel.columns import amount, column

OFF = column(
    "off",
    lambda coupon: (
        amount(coupon.amount_off, coupon.currency)
        if coupon.amount_off is not None
        else f"{coupon.percent_off.normalize():f} %"
    ),
)


class AttachmentInline(PartInline):
    model = Attachment
    fields = ("account", "subscription_id", "at", "detached_at")


@admin.register(Coupon)
class CouponAdmin(RecordAdmin):
    resource = "coupons"
    list_display = ("code", "name", OFF, "duration", "redeemed", "max_redemptions", "redeem_by", "active")
    list_filter = ("active", "duration")
    search_fields = ("code",)
    exact = ("code",)
    search_help_text = "A whole code or id"
    empty_hint = "Coupons are made by POST /v1/coupons."
    inlines = (AttachmentInline,)
    fields = (
        "code", "name", OFF, "duration", "duration_periods", "plan_ids", "redeemed", "max_redemptions", "redeem_by",
        "active", "metadata", "created_at", "updated_at",
    )  # fmt: skip
