"""Coupons and test clocks: made, ended, moved. They have no amounts of their own, so nothing is shown before."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from apps.backoffice.asking.fields import DayField, MoneyField
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.clocks.actions import create as make_clock
from apps.clocks.actions.advance import advance
from apps.clocks.models import TestClock
from apps.coupons import actions as coupons
from apps.coupons.models import Coupon
from apps.coupons.rules import Duration
from apps.kernel.actors import Actor
from apps.kernel.currencies import CURRENCIES
from apps.plans.models import Plan

HOLDS = {Duration.ONCE: "Once", Duration.REPEATING: "For some periods", Duration.FOREVER: "For ever"}
PLANS = 500


class CouponForm(QuestionForm):
    """What it takes off, how long, and who may have it."""

    code = forms.CharField(max_length=255, help_text="What customers type; small or capital letters are the same.")
    name = forms.CharField(max_length=255, help_text="What the invoice says.")
    percent_off = forms.DecimalField(
        min_value=0, max_value=100, max_digits=7, decimal_places=4, required=False, label="Percent off"
    )
    amount_off = MoneyField(min_value=0, required=False, label="or amount off")
    currency = forms.ChoiceField(choices=[("", ""), *((code, code) for code in sorted(CURRENCIES))], required=False)
    duration = forms.ChoiceField(choices=[(each.value, text) for each, text in HOLDS.items()], label="How often")
    duration_periods = forms.IntegerField(min_value=1, max_value=1200, required=False, label="So many periods")
    plan_ids = forms.MultipleChoiceField(required=False, label="Plans", help_text="None chosen: all.")
    max_redemptions = forms.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, label="So many customers", help_text="Empty: no limit."
    )
    redeem_by = DayField(required=False, label="Until", help_text="The first day, UTC, on which nobody can take it.")

    def prepare(self) -> None:
        plans: Any = self.fields["plan_ids"]
        plans.choices = [
            (str(pk), name) for pk, name in Plan.objects.order_by("name").values_list("pk", "name")[:PLANS]
        ]
        money: Any = self.fields["amount_off"]
        money.currency = self.data.get("currency") if self.data.get("currency") in CURRENCIES else "USD"

    def clean(self) -> dict[str, Any]:
        """As the action takes it."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("amount_off") is not None and not given.get("currency"):
            self.add_error("currency", "An amount needs its currency.")
        day = given.get("redeem_by")
        return {
            **given,
            "plan_ids": [UUID(pk) for pk in given.get("plan_ids", ())],
            "currency": (given.get("currency") or None) if given.get("amount_off") is not None else None,
            "percent_off": Decimal(given["percent_off"]) if given.get("percent_off") is not None else None,
            "redeem_by": datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None,
        }


class ClockForm(QuestionForm):
    """Where it stands."""

    name = forms.CharField(max_length=255, required=False)
    frozen_time = forms.DateTimeField(
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), label="It shows", help_text="UTC"
    )


class AdvanceForm(QuestionForm):
    """Where to."""

    frozen_time = forms.DateTimeField(
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        label="Move it to",
        help_text="UTC, later than now",
    )


def _coupon(row: None, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    made = coupons.create(fields=given, actor=actor)
    return Outcome(f"The coupon {made.code} can be used.", go_to=made)


def _end(row: Coupon, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    coupons.end(coupon_id=row.pk, actor=actor)
    return Outcome(f"Nobody can take {row.code} any more; where it is attached it goes on.")


def _clock(row: None, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    made = make_clock(**given, actor=actor)
    return Outcome("The clock stands. Accounts join it when they are created.", go_to=made)


def _advance(row: TestClock, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    advance(clock_id=row.pk, to=given["frozen_time"], actor=actor)
    return Outcome("The clock moves: everything that falls due is done on its way.")


NEW_COUPON = Question(
    way="add", title="Add coupon", icon="add", resource="coupons", form=CouponForm, looks=False,
    meaning="Comes off before tax, for whoever names its code when a subscription is made.", perform=_coupon,
)  # fmt: skip
COUPON = (
    Question(
        way="end", title="End it", icon="block", resource="coupons", looks=True, danger=True,
        meaning="Nobody can take it any more; where it is attached it goes on.",
        perform=_end, fits=lambda row: row.active, refusal="It has ended already.",
    ),
)  # fmt: skip
NEW_CLOCK = Question(
    way="add", title="Add test clock", icon="add", resource="test_clocks", form=ClockForm, looks=False,
    meaning="Accounts that live on it are billed by its time, which stands until you move it.", perform=_clock,
)  # fmt: skip
CLOCK = (
    Question(
        way="advance", title="Move it", icon="fast_forward", resource="test_clocks", form=AdvanceForm, looks=False,
        meaning="Everything that falls due up to then is done, in order. It cannot be moved back.",
        perform=_advance, fits=lambda row: row.status != "ADVANCING", refusal="It is on its way.",
    ),
)  # fmt: skip
