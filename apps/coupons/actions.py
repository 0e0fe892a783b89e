"""What can be done to coupons: made, ended, attached to a subscription, detached; and what invoices use of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F

from apps.accounts.models import Account
from apps.coupons import queries
from apps.coupons.models import CODE_UNIQUE, Attachment, Coupon, CouponUse
from apps.coupons.rules import problems
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, Invalid, NotFound, Problem
from apps.kernel.ids import uuid7
from apps.kernel.transactions import copy_rows, forget, unit_of_work
from apps.plans import queries as plans

_USE = ("id", "created_at", "attachment_id", "invoice_id", "amount", "at", "returned_at")


@dataclass(frozen=True)
class NewUse:
    """What an attached coupon takes off an invoice that is about to be issued."""

    attached_id: UUID
    invoice_id: UUID
    amount: int


def create(*, fields: Mapping[str, Any], actor: Actor) -> Coupon:
    """Make a coupon. Errors: coupon_invalid (422), coupon_code_taken (409)."""
    found = list(problems(fields))
    wanted = set(fields.get("plan_ids") or ())
    known = set(plans.plans().filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    found += [Problem("/plan_ids", "plan_unknown", f"There is no plan {each}.") for each in sorted(wanted - known)]
    if found:
        raise Invalid("coupon_invalid", "The coupon is not valid.", hint="Mend what `errors` points at.", errors=found)
    with _code_unique(fields["code"]), unit_of_work(actor):
        return Coupon.objects.create(**fields)


def end(*, coupon_id: UUID, actor: Actor) -> None:
    """Let nobody take it any more; where it is attached it goes on. Errors: coupon_not_found (404)."""
    with unit_of_work(actor):
        ended = Coupon.objects.filter(pk=coupon_id).update(
            active=False, version=F("version") + 1, updated_at=clock.wall()
        )
    if not ended:
        raise NotFound("coupon_not_found", f"There is no coupon {coupon_id}.", hint="List them with GET /v1/coupons.")


def attach(
    *, code: str, account: Account, subscription_id: UUID | None, plan_id: UUID | None, at: datetime, actor: Actor
) -> Attachment:
    """Attach a coupon to a subscription to that plan: it comes off from its next invoice on. Without one: to a sale.

    Inside a unit of work that has locked the account. Two at once take turns at the last redemption: one gets it.
    Errors: coupon_unknown, coupon_expired, coupon_currency, coupon_wrong_plan (422); coupon_used_up,
    coupon_attached (409).
    """
    with unit_of_work(actor):
        coupon = queries.lock(code)
        if coupon is None or not coupon.active:
            detail = f"There is no coupon {code!r}."
            raise Invalid(
                "coupon_unknown", detail, hint="Check its spelling.", errors=_at_coupon("coupon_unknown", detail)
            )
        _demand_fits(coupon, account, plan_id, at)
        found = Attachment.objects.filter(coupon=coupon, subscription_id=subscription_id, detached_at=None)
        if subscription_id is not None and found.exists():
            raise Conflict("coupon_attached", f"Coupon {coupon.code} is attached already.", hint="It counts once.")
        if coupon.max_redemptions is not None and coupon.redeemed >= coupon.max_redemptions:
            raise Conflict(
                "coupon_used_up",
                f"Coupon {coupon.code} was for {coupon.max_redemptions}, and all are taken.",
                hint="Subscribe without it, or with another one.",
            )
        Coupon.objects.filter(pk=coupon.pk).update(
            redeemed=F("redeemed") + 1, version=F("version") + 1, updated_at=clock.wall()
        )
        forget(queries.ON)
        return Attachment.objects.create(
            coupon=coupon,
            account=account,
            subscription_id=subscription_id,
            at=at,
            detached_at=None if subscription_id else at,
        )


def detach(*, coupon_id: UUID, subscription_id: UUID, at: datetime, actor: Actor) -> None:
    """Let it come off nothing more of this subscription. What it gave stays given, and its redemption stays taken.

    Inside a unit of work that has locked the account. Errors: coupon_not_attached (404).
    """
    with unit_of_work(actor):
        rows = Attachment.objects.filter(coupon_id=coupon_id, subscription_id=subscription_id, detached_at=None)
        forget(queries.ON)
        if not rows.update(detached_at=at):
            raise NotFound(
                "coupon_not_attached",
                f"There is no coupon {coupon_id} on this subscription.",
                hint="Its `coupons` name those that are attached.",
            )


def record_uses(uses: Sequence[NewUse], *, at: datetime) -> None:
    """Write what coupons take off invoices that the caller's transaction issues; one COPY."""
    now = clock.wall()
    copy_rows(
        CouponUse._meta.db_table,
        _USE,
        [(uuid7(), now, use.attached_id, use.invoice_id, use.amount, at, None) for use in uses],
    )


def give_back(invoice_ids: Collection[UUID], *, at: datetime) -> int:
    """Let what came off these invoices, which are void, count no more; how many uses. Again: none."""
    if not invoice_ids:
        return 0
    return CouponUse.objects.filter(invoice_id__in=invoice_ids, returned_at=None).update(returned_at=at)


def _demand_fits(coupon: Coupon, account: Account, plan_id: UUID | None, at: datetime) -> None:
    if coupon.redeem_by is not None and coupon.redeem_by <= at:
        detail = f"Coupon {coupon.code} could be taken until {coupon.redeem_by.isoformat()}."
        hint = "Subscribe without it, or with another one."
        raise Invalid("coupon_expired", detail, hint=hint, errors=_at_coupon("coupon_expired", detail))
    if coupon.currency is not None and coupon.currency != account.currency:
        detail = f"Coupon {coupon.code} is in {coupon.currency}, the account in {account.currency}."
        hint = "Use a coupon in the account's currency, or one in percent."
        raise Invalid("coupon_currency", detail, hint=hint, errors=_at_coupon("coupon_currency", detail))
    if coupon.plan_ids and plan_id not in coupon.plan_ids:
        what = "what is sold beside plans" if plan_id is None else "this plan"
        detail = f"Coupon {coupon.code} is not for {what}."
        hint = "Use it on a plan that it is for, or go on without it."
        raise Invalid("coupon_wrong_plan", detail, hint=hint, errors=_at_coupon("coupon_wrong_plan", detail))


def _at_coupon(code: str, detail: str) -> list[Problem]:
    return [Problem("/coupon", code, detail)]


@contextmanager
def _code_unique(code: str) -> Iterator[None]:
    """Codes are one whatever their case; the constraint decides between two at once."""
    try:
        yield
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) != CODE_UNIQUE:
            raise
        detail = f"There is a coupon {code!r}."
        raise Conflict(
            "coupon_code_taken", detail, hint="Choose another code; case makes no difference.",
            errors=[Problem("/code", "coupon_code_taken", detail)],
        ) from error  # fmt: skip
