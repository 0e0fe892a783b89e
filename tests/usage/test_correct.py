"""Events taken back and replaced: they stay, and count no longer."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.kernel.errors import Conflict, Invalid, NotFound
from apps.kernel.ids import uuid7
from apps.usage.actions.correct import replace, void
from apps.usage.actions.windows import Closing, close_windows
from apps.usage.models import Correction, UsageEvent
from apps.usage.queries.totals import Asked, totals
from apps.usage.rules.meters import Aggregation, Meter
from tests.factories.accounts import ACTOR
from tests.factories.usage import AT, START, event, meter, opened, used

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def total(one, aggregation=Aggregation.SUM):
    (own,) = totals([Asked(one.subscription_id, Meter("api_calls", aggregation), START, START + 30 * DAY)]).totals
    return own[0].quantity if own else 0


def test_a_void_event_counts_no_longer_and_only_once():
    one = opened()
    ids = used(one.subscription_id, 5, 7, 9).stored
    void(event_id=ids[2], reason="sent twice", at=AT, actor=ACTOR)
    assert [total(one, each) for each in Aggregation] == [12, 2, 7, total(one, Aggregation.LAST), 2]
    row = Correction.objects.get()
    assert (row.event_id, row.reason, row.actor, row.at, row.replaced_by) == (
        ids[2],
        "sent twice",
        str(ACTOR),
        AT,
        None,
    )
    with pytest.raises(Conflict) as refused:
        void(event_id=ids[2], reason="", at=AT, actor=ACTOR)
    assert refused.value.code == "event_corrected"
    with pytest.raises(NotFound):
        void(event_id=uuid7(), reason="", at=AT, actor=ACTOR)
    assert UsageEvent.objects.count() == 3


@pytest.mark.fr("B-07")
def test_replaced_in_a_closed_period_and_above_a_cap_and_repeatable():
    one = opened(metrics={"api_calls": [meter(cap=Decimal(10))]})
    id = used(one.subscription_id, 10).stored[0]
    close_windows([Closing(one.subscription_id, AT + DAY, AT + 2 * DAY)])
    by = event(one.subscription_id, quantity=20)
    late = {"event_id": id, "by": by, "reason": "", "at": AT + 60 * DAY, "actor": ACTOR}
    first, again = replace(**late), replace(**late)
    assert first.pk == again.pk
    assert (total(one), Correction.objects.get().replaced_by) == (20, first.pk)
    with pytest.raises(Conflict) as refused:
        replace(**{**late, "by": event(one.subscription_id)})
    assert refused.value.code == "event_corrected"
    assert (total(one), UsageEvent.objects.count()) == (20, 2)
    void(event_id=first.pk, reason="", at=AT, actor=ACTOR)
    assert total(one) == 0


def test_a_replacement_that_is_refused_leaves_all_as_it_was():
    one = opened()
    ids = used(one.subscription_id, 1, 2).stored
    other = UsageEvent.objects.get(pk=ids[1]).idempotency_key
    for by, kind, code in (
        (event(one.subscription_id, metric="none"), Invalid, "metric_unknown"),
        (event(one.subscription_id, timestamp=START - DAY), Invalid, "subscription_not_metered"),
        (event(one.subscription_id, idempotency_key=other), Conflict, "idempotency_key_taken"),
    ):
        with pytest.raises(kind) as refused:
            replace(event_id=ids[0], by=by, reason="", at=AT, actor=ACTOR)
        assert refused.value.code == code
    assert (total(one), Correction.objects.count()) == (3, 0)
