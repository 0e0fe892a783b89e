"""Random lives: whatever is asked of a subscription in whatever order, the books hold and no day is billed twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.credits.actions.grant import grant
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.ledger.rules import LedgerAccount
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.cancel import cancel, uncancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.day_end import invoice_day
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.preview import Before, committed, preview
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.actions.void import void
from apps.subscriptions.models import Subscription
from tests.explain.holding import unexplained
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered

BEGINS = datetime(2026, 1, 31, 9, tzinfo=UTC)
VERBS = st.one_of(
    st.tuples(st.just("quantity"), st.integers(1, 9), st.sampled_from(["always_invoice", "create_prorations", "none"])),
    st.tuples(st.just("plan"), st.integers(0, 3), st.sampled_from(["now", "period_end"])),
    st.tuples(
        st.sampled_from(["pause", "resume", "cancel later", "uncancel", "renew", "pay", "void", "waive", "note"])
    ),
    st.tuples(st.just("credit"), st.integers(1, 9000)),
)
STEPS = st.lists(st.tuples(st.sampled_from([0, 0, 1, 3, 11, 29, 40]), VERBS), min_size=1, max_size=9)
LIVES = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


class Life:
    """A subscription, plans it may move between, and the time."""

    def __init__(self, currency: str, timezone: str, coupon: bool, taxed: str) -> None:
        if taxed:
            registered("DE")
        self.account = make_account(currency=currency, timezone=timezone, country="DE" if taxed else "US")
        more = {"tax_behavior": taxed} if taxed else {}
        self.plans = [
            make_plan(prices={currency: price}, interval=interval, interval_count=count, **more)
            for price, interval, count in ((4900, "month", 1), (9999, "month", 1), (99900, "year", 1), (0, "month", 3))
        ]
        self.at = BEGINS
        self.refusals: list[DomainError] = []
        code = make_coupon(duration="repeating", duration_periods=3).code if coupon else None
        self.made = make_subscription(account=self.account, plan=self.plans[0], at=self.at, coupon=code)

    def do(self, days: int, verb: tuple[Any, ...]) -> None:
        """One step; what is refused is refused whole."""
        self.at += timedelta(days=days)
        try:
            self._do(*verb)
        except DomainError as refusal:
            self.refusals.append(refusal)

    def _do(self, name: str, *more: Any) -> None:
        known: dict[str, Any] = {"subscription_id": self.made.pk, "at": self.at, "actor": ACTOR}
        if name == "quantity":
            self._as_previewed(lambda: change(quantity=more[0], proration_behavior=more[1], **known))
        elif name == "plan":
            self._as_previewed(lambda: change(plan_id=self.plans[more[0]].pk, effective=more[1], **known))
        elif name in ("pause", "resume"):
            self._as_previewed(lambda: {"pause": pause, "resume": resume}[name](**known))
        elif name == "cancel later":
            cancel(at_period_end=True, **known)
        elif name == "uncancel":
            uncancel(**known)
        elif name == "credit":
            money: dict[str, Any] = {"amount": more[0], "currency": self.account.currency, "reason": "x"}
            grant(account_id=self.account.pk, at=self.at, actor=ACTOR, **money)
        elif name == "renew":
            while renew([self.made.pk], at=self.at, actor=ACTOR).pieces:
                pass
            invoice_day(subscription_id=self.made.pk, at=self.at, actor=ACTOR)
        else:
            self._of_the_newest(name)

    def _as_previewed(self, verb: Any) -> None:
        before = Before.of(Subscription.objects.get(pk=self.made.pk), self.account, self.at)
        shown = preview(verb, before=before, actor=ACTOR)
        committed(verb, expected=shown.hash, before=before, actor=ACTOR)

    def _of_the_newest(self, name: str) -> None:
        newest = (
            Invoice.objects.filter(account=self.account)
            .exclude(status="VOID")
            .order_by("-created_at", "-number")
            .first()
        )
        if newest is None:
            return
        known: dict[str, Any] = {"invoice_id": newest.pk, "actor": ACTOR}
        if name in ("void", "waive"):
            void(reason="x", replace_it=name == "void", at=self.at, **known)
        elif name == "note":
            credit_note(amount=max(1, newest.total // 3), reason="x", at=self.at, **known)
        elif (left := balances([newest.pk])[newest.pk].balance) > 0:
            record_payment(payment_id=uuid7(), amount=left, paid_at=self.at, into=LedgerAccount.BANK, **known)


def lived(steps: Any, currency: str, timezone: str, *, coupon: bool, taxed: str, invoice_at: str) -> None:
    with transaction.atomic(), override_settings(BILLING_PRORATION_INVOICE_AT=invoice_at):
        life = Life(currency, timezone, coupon, taxed)
        for days, verb in steps:
            life.do(days, verb)
        assert all(refusal.hint for refusal in life.refusals)
        assert broken() == []
        assert unexplained() == []
        # One life leaves nothing to the next.
        transaction.set_rollback(True)


LIFE = st.fixed_dictionaries(
    {
        "steps": STEPS,
        "currency": st.sampled_from(["USD", "JPY", "KWD"]),
        "timezone": st.sampled_from(["UTC", "Pacific/Auckland", "America/Los_Angeles", "Pacific/Kiritimati"]),
        "coupon": st.booleans(),
        "taxed": st.sampled_from(["", "exclusive", "inclusive"]),
        "invoice_at": st.sampled_from(["now", "now", "day_end"]),
    }
)


@pytest.mark.django_db
@pytest.mark.fr("B-02", "B-03", "B-06", "B-08", "SC-009")
@settings(max_examples=25, **LIVES)
@given(life=LIFE)
def test_some(life: dict[str, Any]) -> None:
    lived(**life)


@pytest.mark.long
@pytest.mark.django_db
@settings(max_examples=500, **LIVES)
@given(life=LIFE)
def test_many(life: dict[str, Any]) -> None:
    lived(**life)
