"""Days that were given back and charged again: the invoice that gave them back cannot be voided under that charge."""

from datetime import UTC, datetime

import pytest

from apps.invoices.models import Invoice
from apps.kernel.errors import Conflict
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.actions.void import void
from apps.subscriptions.models import BilledPeriod
from tests.factories.subscriptions import ACTOR, make_subscription

pytestmark = pytest.mark.django_db


def at(day: int) -> datetime:
    return datetime(2026, 4, day, 12, tzinfo=UTC)


@pytest.mark.fr("FR-050", "B-06")
def test_a_credit_whose_days_are_charged_again_stays() -> None:
    made = make_subscription(at=at(1))
    pause(subscription_id=made.pk, at=at(8), actor=ACTOR)
    resume(subscription_id=made.pk, at=at(10), actor=ACTOR)
    charge, credit, again = Invoice.objects.order_by("pk")
    for _ in range(2):
        with pytest.raises(Conflict, match=str(again.number)) as refusal:
            void(invoice_id=credit.pk, reason="x", at=at(11), actor=ACTOR)
        assert (refusal.value.code, bool(refusal.value.hint)) == ("invoice_charged_again", True)
        # A corrected one charges the same days: the credit under it stays for good.
        again = Invoice.objects.get(
            pk=void(invoice_id=again.pk, reason="wrong address", at=at(11), actor=ACTOR).replacement_id
        )
        assert broken() == []
    void(invoice_id=again.pk, reason="a gift", replace_it=False, at=at(12), actor=ACTOR)
    void(invoice_id=credit.pk, reason="no pause after all", at=at(12), actor=ACTOR)
    stands = [(str(row.days.lower), str(row.days.upper)) for row in BilledPeriod.objects.filter(released_by=None)]
    assert (stands, broken()) == ([("2026-04-01", "2026-05-01")], [])
    charge.refresh_from_db()
    assert charge.status == "OPEN"
