"""Creation end to end in one database: subscription, invoices, wish to be paid."""

from datetime import UTC, date, datetime

import pytest

from apps.accounts.actions import create as create_account
from apps.invoices.models import Invoice
from apps.kernel.actors import system
from apps.payments.models import Payment
from apps.plans.actions import create as create_plan
from apps.subscriptions.actions.create import NewSubscription, create
from apps.subscriptions.models import BilledPeriod

ACTOR = system("test")
AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_flow() -> None:
    account = create_account(fields={"email": "a@example.com", "name": "A", "timezone": "Pacific/Auckland"}, at=AT, actor=ACTOR)
    plan = create_plan(
        fields={"key": "p", "name": "P", "interval": "month", "prices": {"USD": 3000}}, at=AT, actor=ACTOR
    )
    made = create(
        new=NewSubscription(account_id=account.pk, plan_id=plan.pk, start_date=date(2026, 1, 31)), at=AT, actor=ACTOR
    )
    assert [i.total for i in Invoice.objects.order_by("pk")] == [3000, 3000]
    assert len(made.invoice_ids) == 2
    assert BilledPeriod.objects.count() == 2
    assert Payment.objects.count() == 0
    assert made.subscription.billed_to == date(2026, 3, 31)
    from apps.monitoring.invariants import broken
    assert broken() == []
