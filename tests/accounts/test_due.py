"""What a test clock waits for: deliveries to our own apps about its accounts."""

from datetime import UTC, datetime

import pytest

from apps.accounts import due
from apps.clocks.actions import create
from apps.events.models import Delivery, Event
from apps.events.relay import drain
from apps.events.rules import Lane
from apps.kernel.actors import system
from apps.kernel.schedule import Scope
from tests.events.probes import listening
from tests.factories.accounts import make_account

AT = datetime(2028, 1, 31, tzinfo=UTC)


@pytest.mark.django_db
def test_a_clock_waits_for_deliveries_about_its_own_accounts_alone() -> None:
    mine, other = (create(name="life", frozen_time=AT, actor=system("tests")) for _ in range(2))
    account = make_account(test_clock_id=mine.pk)
    event = Event.objects.filter(account_id=account.pk).earliest("id")
    assert (due.pending(Scope(mine.pk)), due.due(AT, Scope(mine.pk)), due.run(AT, Scope(mine.pk))) == (0, None, 0)
    with listening(lambda events: None) as name:
        Delivery.objects.create(event=event, subscriber=name, lane=Lane.API.value)
        assert [due.pending(Scope(each)) for each in (mine.pk, other.pk, None)] == [1, 0, 0]
        drain(Lane.API)
    assert due.pending(Scope(mine.pk)) == 0
