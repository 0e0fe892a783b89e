"""At the end of the period, asked on the first day of one that no run has billed yet: its own end is meant."""

import pytest

from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.models import ScheduledChange, Subscription
from tests.factories.subscriptions import ACTOR
from tests.subscriptions.test_change import lines, noon, seats


@pytest.mark.django_db
@pytest.mark.parametrize("ran", [True, False])
def test_whether_or_not_a_run_has_been_by(ran: bool) -> None:
    made = seats(5, "2026-04-01")
    if ran:
        renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    change(subscription_id=made.pk, quantity=2, effective="period_end", at=noon("2026-05-01"), actor=ACTOR)
    assert str(ScheduledChange.objects.get().due_date) == "2026-06-01"
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    assert lines(made) == [("recurring", 5000), ("recurring", 5000)]
    assert Subscription.objects.get().quantity == 5
