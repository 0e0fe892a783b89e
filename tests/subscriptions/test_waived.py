"""Days that a void has waived: no verb bills one of them again."""

from datetime import UTC, datetime

import pytest

from apps.invoices.models import Invoice
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.actions.void import void
from tests.factories.subscriptions import ACTOR, AT, make_subscription

pytestmark = pytest.mark.django_db


@pytest.mark.fr("B-06")
def test_a_pause_within_waived_days_bills_none_of_them_when_it_ends() -> None:
    """The first invoice was voided and its month waived: no verb may bill a day of it again."""
    made = make_subscription(at=datetime(2026, 4, 1, 12, tzinfo=UTC))
    void(invoice_id=Invoice.objects.get().pk, reason="a gift", replace_it=False, at=AT, actor=ACTOR)
    for resumed in (8, 10):
        pause(subscription_id=made.pk, at=datetime(2026, 4, 8, 12, tzinfo=UTC), actor=ACTOR)
        resume(subscription_id=made.pk, at=datetime(2026, 4, resumed, 12, tzinfo=UTC), actor=ACTOR)
        made.refresh_from_db()
        assert (made.status, str(made.billed_to)) == ("ACTIVE", "2026-05-01")
        assert made.next_billing_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert Invoice.objects.count() == 1
    renew([made.pk], at=datetime(2026, 5, 1, 12, tzinfo=UTC), actor=ACTOR)
    assert (Invoice.objects.latest("pk").total, broken()) == (4900, [])
