"""Which events an invoice holds: the same for ever, whatever commits late."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from apps.usage.actions.correct import void
from apps.usage.actions.record import record
from apps.usage.actions.windows import Closing, close_windows
from apps.usage.queries import arrivals, watermarks
from apps.usage.queries.arrivals import Touched
from apps.usage.queries.events import held_by
from apps.usage.queries.totals import Asked, totals
from apps.usage.rules.meters import Aggregation, Meter
from apps.usage.rules.watermark import Watermark
from tests.factories.accounts import ACTOR
from tests.factories.usage import AT, START, event, opened, used
from tests.usage.sessions import elsewhere
from tests.usage.test_totals import METERS

END = START + timedelta(days=30)


def asked(one):
    return Asked(one.subscription_id, Meter("api_calls", Aggregation.SUM), START, END)


def total(one):
    tally = totals([asked(one)])
    (own,) = tally.totals
    return (own[0].quantity, own[0].events) if own else (0, 0), tally.watermark


def held(mark, one):
    rows = held_by(Watermark.read(str(mark)), asked(one))
    return sum((row.quantity for row in rows), Decimal(0)), len(rows)


@pytest.mark.fr("B-07", "FR-079")
def test_a_total_can_be_listed_again_though_a_slow_transaction_commits_later(committed_db, django_db_blocker):
    with django_db_blocker.unblock():
        one = opened()
        used(one.subscription_id, 1, 2)
        with elsewhere() as slow:
            slow(lambda: used(one.subscription_id, 100))
            # Later ids and transactions than the slow one's, committed before it.
            used(one.subscription_id, 4)
            before, mark = total(one)
            assert before == held(mark, one) == (7, 3)
            slow.commit()
        assert held(mark, one) == (7, 3)
        after, later = total(one)
        assert after == held(later, one) == (107, 4)
        used(one.subscription_id, 8)
        assert (held(mark, one), held(later, one)) == ((7, 3), (107, 4))


@pytest.mark.fr("FR-079", "B-07")
def test_what_has_arrived_since_is_found_however_late_it_commits(committed_db, django_db_blocker):
    with django_db_blocker.unblock():
        one, other, still_open = opened(), opened(), opened()
        for each in (one, other):
            used(each.subscription_id, 1)
            close_windows([Closing(each.subscription_id, END, END + timedelta(days=7))])
        ids = used(still_open.subscription_id, 1).stored
        seen = arrivals.since(watermarks.current())
        assert seen.windows == []
        still = Touched(still_open.subscription_id, START, None)
        with elsewhere() as slow:
            slow(lambda: record([event(one.subscription_id, timestamp=START)], at=END))
            used(still_open.subscription_id, 1)
            meanwhile = arrivals.since(seen.watermark)
            assert meanwhile.windows == [still]
            slow.commit()
        found = arrivals.since(meanwhile.watermark)
        assert found.windows == [Touched(one.subscription_id, START, END)]
        assert arrivals.since(found.watermark).windows == []
        (row,) = held_by(watermarks.current(), asked(other))
        void(event_id=row.pk, reason="", at=END, actor=ACTOR)
        void(event_id=ids[0], reason="", at=END, actor=ACTOR)
        assert set(arrivals.since(found.watermark).windows) == {Touched(other.subscription_id, START, END), still}


@pytest.mark.django_db
def test_what_a_watermark_held_it_holds_after_a_correction():
    one = opened()
    ids = used(one.subscription_id, 1, 2).stored
    # Rows of a transaction are not seen by its own snapshot: this one is taken as if after its commit.
    mark = Watermark(2**62, 2**62, frozenset(), watermarks.current().before)
    assert held(mark, one) == (3, 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT (pg_current_xact_id()::text)::bigint")
        number = cursor.fetchone()[0]
    void(event_id=ids[0], reason="", at=AT, actor=ACTOR)
    assert held(mark, one) == (2, 1)
    assert held(Watermark(number, number, frozenset(), mark.before), one) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("each", METERS)
def test_as_many_are_listed_as_were_counted(each):
    one = opened()
    values = [{}, {"region": "eu"}, {"region": "us", "tier": 1}, {"region": "eu", "tier": True}, {"tier": "1"}]
    record([event(one.subscription_id, properties={**own, "n": n}) for n, own in enumerate(values)], at=AT)
    all_of_it = Watermark(2**62, 2**62, frozenset(), watermarks.current().before)
    request = Asked(one.subscription_id, each, START, END)
    (own,) = totals([request]).totals
    assert held_by(all_of_it, request).count() == sum(total.events for total in own) > 0


@pytest.mark.django_db
def test_a_copy_of_the_rows_in_another_server_is_not_taken_for_what_was_seen():
    one = opened()
    mark = watermarks.current()
    # There transactions begin anew, far below the watermark; ids go on.
    low = Watermark(2**62, 2**62, frozenset(), mark.before)
    used(one.subscription_id, 1)
    assert held(low, one) == (1, 1)
    earlier = Watermark(2**62, 2**62, frozenset(), one.subscription_id)
    assert held(earlier, one) == (0, 0)
    close_windows([Closing(one.subscription_id, END, END)])
    assert arrivals.since(low).windows == []
    assert arrivals.since(earlier).windows == [Touched(one.subscription_id, START, END)]
