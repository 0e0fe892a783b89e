"""Windows opened, closed and replaced, many at once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.usage.actions.windows import Closing, close_windows, open_windows, replace_windows, turn_windows
from apps.usage.models import MeterWindow
from apps.usage.queries import windows
from tests.factories.usage import AT, CALLS, START, opened, window

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def spans(subscription_id):
    rows = MeterWindow.objects.filter(subscription_id=subscription_id).order_by("starts_at")
    return [(row.starts_at, row.ends_at, row.accept_until) for row in rows]


def test_opened_closed_and_turned():
    one, end = opened(), START + 30 * DAY
    close_windows([Closing(one.subscription_id, end, end + 7 * DAY)])
    close_windows([Closing(one.subscription_id, end + DAY, end + 9 * DAY)])
    assert spans(one.subscription_id) == [(START, end, end + 7 * DAY)]
    open_windows([window(subscription_id=one.subscription_id, starts_at=end)])
    later = end + 30 * DAY
    turn_windows(
        [Closing(one.subscription_id, later, later + 7 * DAY)],
        [window(subscription_id=one.subscription_id, starts_at=later)],
    )
    assert spans(one.subscription_id) == [
        (START, end, end + 7 * DAY), (end, later, later + 7 * DAY), (later, None, None),
    ]  # fmt: skip


def test_a_window_that_would_be_empty_is_gone():
    one = opened()
    close_windows([Closing(one.subscription_id, START, START + 7 * DAY)])
    assert spans(one.subscription_id) == []


def test_replaced_from_an_instant_on():
    one, other = opened(), opened()
    close_windows([Closing(one.subscription_id, AT, AT + 7 * DAY)])
    open_windows([window(subscription_id=one.subscription_id, starts_at=AT + DAY)])
    replace_windows({one.subscription_id: START}, [window(subscription_id=one.subscription_id)])
    assert spans(one.subscription_id) == spans(other.subscription_id) == [(START, None, None)]
    replace_windows({one.subscription_id: START + DAY}, [])
    assert spans(one.subscription_id) == [(START, None, None)]


def test_as_many_queries_for_many_as_for_one():
    many = [opened() for _ in range(30)]
    closings = [Closing(one.subscription_id, AT, AT + DAY) for one in many]
    following = [window(subscription_id=one.subscription_id, starts_at=AT) for one in many]
    with CaptureQueriesContext(connection) as queries:
        turn_windows(closings, following)
    # One UPDATE and one COPY.
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 2
    assert MeterWindow.objects.filter(ends_at__isnull=True, starts_at=AT).count() == 30
    with CaptureQueriesContext(connection) as queries:
        close_windows([])
        open_windows([])
    assert [query for query in queries if "SAVEPOINT" not in query["sql"]] == []


def test_an_overlap_is_refused_and_nothing_stays():
    one = opened()
    fresh = window()
    with pytest.raises(IntegrityError, match="never_overlap"), transaction.atomic():
        open_windows([fresh, window(subscription_id=one.subscription_id, starts_at=AT)])
    assert spans(fresh.subscription_id) == []


def test_what_ingest_asks():
    one = opened(external_key="mine", timezone="Europe/Berlin")
    own = str(one.subscription_id)
    (found,) = windows.holding({own}, set(), AT, AT)
    assert (found.subscription_id, found.external_key, found.starts_at) == (own, "mine", START)
    assert found.metrics == {metric: tuple(meters) for metric, meters in CALLS.items()}
    assert windows.holding(set(), {"mine"}, AT, AT) == [found]
    assert windows.holding({own}, set(), START - DAY, START - DAY) == []
    assert windows.holding(set(), set(), AT, AT) == []
    assert windows.known({own}, {"mine", "other"}) == {(own, "mine")}
    assert windows.timezone_of(one.subscription_id) == "Europe/Berlin"
    assert windows.timezone_of(one.account_id) is None
    assert windows.clocks_of([one.subscription_id]) == {one.subscription_id: None}
    assert windows.needed_since(AT) == START
    close_windows([Closing(one.subscription_id, AT, AT + DAY)])
    assert windows.needed_since(AT) == START
    assert windows.needed_since(AT + DAY) is None
