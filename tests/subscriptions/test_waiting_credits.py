"""A credit of unused days that waits for its invoice counts as given: no credit note gives the same money again."""

from datetime import timedelta
from typing import Any

import pytest

from apps.invoices.actions.credit_note import credit_note, left_to_credit
from apps.invoices.models import CreditNote, Invoice
from apps.kernel.errors import DomainError
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.day_end import invoice_day
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.models import Subscription
from tests.explain.holding import unexplained
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, AT, make_subscription

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def credited(made: Subscription) -> int:
    """All that was given back of its first invoice, by notes and by credits of unused days."""
    notes = sum(CreditNote.objects.values_list("total", flat=True))
    lines = Invoice.objects.exclude(status="VOID").filter(
        lines__kind="proration_credit", lines__subscription_id=made.pk
    )
    return (
        notes
        - sum(lines.values_list("lines__amount", flat=True))
        + sum(lines.values_list("lines__discount_amount", flat=True))
    )


@pytest.mark.fr("B-03", "SC-008")
def test_a_pause_of_today_counts_before_its_invoice(settings: Any) -> None:
    settings.BILLING_PRORATION_INVOICE_AT = "day_end"
    made = make_subscription(at=AT)
    first = Invoice.objects.get()
    pause(subscription_id=made.pk, at=AT + DAY, actor=ACTOR)
    left = left_to_credit(first.pk)
    assert left == 163, "29 of 30 days wait to be given back"
    with pytest.raises(DomainError) as refused:
        credit_note(invoice_id=first.pk, amount=left + 1, reason="x", at=AT + DAY, actor=ACTOR)
    assert refused.value.code == "credit_too_large"
    credit_note(invoice_id=first.pk, amount=left, reason="x", at=AT + DAY, actor=ACTOR)
    invoice_day(subscription_id=made.pk, at=AT + 2 * DAY, actor=ACTOR)
    assert credited(made) == first.total == 4900
    assert (left_to_credit(first.pk), broken(), unexplained()) == (0, [], [])


@pytest.mark.fr("B-03", "SC-008")
def test_a_change_that_waits_for_the_next_invoice_counts_too() -> None:
    made, other = make_subscription(at=AT), make_plan(prices={"USD": 9900})
    first = Invoice.objects.get()
    change(
        subscription_id=made.pk, plan_id=other.pk, proration_behavior="create_prorations", at=AT + 10 * DAY, actor=ACTOR
    )
    left = left_to_credit(first.pk)
    assert left == 1633, "20 of 30 days wait to be given back"
    with pytest.raises(DomainError):
        credit_note(invoice_id=first.pk, amount=4900, reason="x", at=AT + 11 * DAY, actor=ACTOR)
    credit_note(invoice_id=first.pk, amount=1000, reason="x", at=AT + 11 * DAY, actor=ACTOR)
    renew([made.pk], at=AT + 31 * DAY, actor=ACTOR)
    assert credited(made) == 3267 + 1000
    assert (left_to_credit(first.pk), broken(), unexplained()) == (633, [], [])
