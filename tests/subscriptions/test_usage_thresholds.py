"""Thresholds of usage: announced once a period, whoever looks, however often and whatever comes afterwards."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from prometheus_client import REGISTRY

from apps.accounts.models import Account
from apps.events.models import Event
from apps.kernel.schedule import Scope
from apps.plans.models import Plan
from apps.subscriptions import due
from apps.subscriptions.actions import thresholds
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.late import sweep
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.models import Subscription, ThresholdCheck, ThresholdReached
from apps.usage.actions import correct
from apps.usage.models import UsageEvent
from tests.accounts.calls import Api
from tests.clocks.lives import move, new_clock
from tests.factories.accounts import make_account
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR
from tests.subscriptions.lives import WALL
from tests.subscriptions.test_usage import TIERS, begun, bill, time, use
from tests.usage.sessions import elsewhere

# Real commits: what has come since is a matter of which transactions were seen.
pytestmark = pytest.mark.usefixtures("committed_db")

AT = "2026-04-20T10:00"


def watched(*found: Any, tiers: Any = TIERS, currency: str = "USD", **charge: Any) -> Plan:
    """A monthly plan with a thousand free calls whose charge has these thresholds."""
    made = {"key": "calls", "metric": "api_calls", "model": "graduated", "thresholds": list(found), **charge}
    return make_plan(prices={currency: 3000}, charges=[{**made, "prices": {currency: {"tiers": tiers}}}])


def started(plan: Plan, **fields: Any) -> Subscription:
    made = begun(plan, **fields)
    with time_machine.travel(time("2026-04-01T10:00"), tick=False):
        sweep(actor=ACTOR, often=True)
    return made


def look(at: str = AT, scope: Scope = WALL) -> list[tuple[str, str]]:
    """What a tick announces."""
    known = set(Event.objects.values_list("pk", flat=True))
    with time_machine.travel(time(at), tick=False):
        sweep(actor=ACTOR, often=True)
        due.run_thresholds(time(at), scope)
    rows = Event.objects.filter(event_type="usage.threshold_reached").exclude(pk__in=known).order_by("pk")
    return [_said(row.data["object"]["threshold"]) for row in rows]


def _said(threshold: dict[str, Any]) -> tuple[str, str]:
    ((kind, value),) = [(name, each) for name, each in threshold.items() if each is not None and name != "currency"]
    return kind, str(value)


def test_each_is_announced_once_in_a_period() -> None:
    made = started(
        watched({"percent": "80"}, {"percent": "100"}, {"quantity": "1500"}, {"amount": 700, "currency": "USD"})
    )
    use(made, 799, "2026-04-03T10:00")
    assert look() == []
    use(made, 1, "2026-04-03T11:00")
    assert look() == [("percent", "80")]
    assert look() == []
    use(made, 1, "2026-04-03T11:00")
    assert look() == []
    use(made, 699, "2026-04-04T11:00")
    assert look() == [("percent", "100"), ("quantity", "1500")]
    use(made, 200, "2026-04-04T11:00")
    assert look() == [("amount", "700")]
    assert ThresholdCheck.objects.count() == 0
    bill(made, "2026-05-01T01:00")
    use(made, 900, "2026-05-01T02:00")
    assert look("2026-05-01T02:01") == [("percent", "80")]


def test_the_event_says_what_there_was() -> None:
    made = started(watched({"percent": "80"}))
    use(made, 850, "2026-04-03T10:00")
    before = REGISTRY.get_sample_value("usage_thresholds_reached_total", {"kind": "percent"}) or 0
    look()
    row = Event.objects.get(event_type="usage.threshold_reached")
    told = row.data["object"]
    assert (row.object_id, row.account_id, row.effective_at) == (made.pk, made.account_id, time(AT))
    assert {name: told[name] for name in ("charge", "metric", "limit", "quantity", "amount", "currency", "since")} == {
        "charge": "calls", "metric": "api_calls", "limit": "1000", "quantity": "850", "amount": 0,
        "currency": "USD", "since": "2026-04-01T00:00:00Z",
    }  # fmt: skip
    assert told["until"] == "2026-05-01T00:00:00Z"
    assert told["threshold"] == {"percent": "80", "quantity": None, "amount": None, "currency": None}
    assert REGISTRY.get_sample_value("usage_thresholds_reached_total", {"kind": "percent"}) == before + 1
    api = Api()
    history = api.get(f"/subscriptions/{made.pk}/history").json()["data"]
    assert "usage.threshold_reached" in {each["event_type"] for each in history}


@pytest.mark.fr("FR-080")
def test_a_percentage_is_of_the_cap_where_there_is_one() -> None:
    made = started(watched({"percent": "100"}, cap="2000", cap_behavior="reject"))
    use(made, 1999, "2026-04-03T10:00")
    assert look() == []
    use(made, 1, "2026-04-03T10:00")
    assert look() == [("percent", "100")]


def test_each_group_has_free_units_of_its_own_and_all_have_one_cap() -> None:
    free = started(watched({"percent": "100"}, group_by=["region"]))
    capped = begun(watched({"percent": "50"}, {"quantity": "1200"}, group_by=["region"], cap="2000"))
    for each in (free, capped):
        for region, quantity in (("eu", 600), ("us", 600)):
            use(each, quantity, "2026-04-03T10:00", properties={"region": region})
    assert sorted(look()) == [("percent", "50"), ("quantity", "1200")]
    use(free, 400, "2026-04-03T10:00", properties={"region": "us"})
    assert look() == [("percent", "100")]


def test_a_correction_and_what_comes_back_raise_nothing_twice() -> None:
    made = started(watched({"percent": "80"}))
    use(made, 900, "2026-04-03T10:00")
    assert look() == [("percent", "80")]
    wrong = UsageEvent.objects.get(quantity=900).pk
    correct.void(event_id=wrong, reason="twice", at=time("2026-04-20T09:00"), actor=ACTOR)
    assert look() == []
    use(made, 900, "2026-04-05T10:00")
    assert look() == []
    assert ThresholdReached.objects.count() == 1


def test_an_amount_that_falls_again_stays_reached() -> None:
    made = started(watched({"amount": 10000, "currency": "USD"}, model="volume"))
    use(made, 10000, "2026-04-03T10:00")
    assert look() == [("amount", "10000")]
    use(made, 1, "2026-04-03T10:00")
    assert look() == []
    use(made, 50000, "2026-04-03T10:00")
    assert look() == []


def test_amounts_of_other_currencies_are_of_no_concern() -> None:
    plan = make_plan(prices={"USD": 3000, "EUR": 3000}, charges=[{
        "key": "calls", "metric": "api_calls", "model": "per_unit",
        "thresholds": [{"amount": 100, "currency": "USD"}, {"amount": 200, "currency": "EUR"}],
        "prices": {currency: {"tiers": [{"unit_price": "1"}]} for currency in ("USD", "EUR")},
    }])  # fmt: skip
    made = started(plan, account=make_account(currency="EUR"))
    use(made, 150, "2026-04-03T10:00")
    assert look() == []
    use(made, 50, "2026-04-03T10:00")
    assert look() == [("amount", "200")]


def test_an_amount_beyond_all_lines_is_reached() -> None:
    made = started(watched({"amount": 10**15, "currency": "USD"}, tiers=[{"unit_price": "1000"}], model="per_unit"))
    use(made, 10**15, "2026-04-03T10:00")
    assert look() == [("amount", str(10**15))]


def test_late_events_reach_what_their_period_had_not() -> None:
    made = started(watched({"percent": "80"}))
    use(made, 700, "2026-04-03T10:00")
    assert look() == []
    bill(made, "2026-05-01T01:00")
    use(made, 100, "2026-04-20T10:00", received="2026-05-03T10:00")
    assert look("2026-05-03T10:01") == [("percent", "80")]
    told = Event.objects.get(event_type="usage.threshold_reached").data["object"]
    assert (told["since"], told["until"]) == ("2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")


def test_usage_of_a_period_that_is_not_opened_yet_waits_for_it() -> None:
    made = started(watched({"percent": "80"}))
    use(made, 900, "2026-05-01T00:10")
    assert look("2026-05-01T00:11") == []
    assert ThresholdCheck.objects.count() == 1
    bill(made, "2026-05-01T01:00")
    assert look("2026-05-01T01:01") == [("percent", "80")]
    assert ThresholdCheck.objects.count() == 0


def test_a_pause_and_an_equal_plan_go_on_and_other_tiers_begin_anew() -> None:
    made = started(watched({"percent": "80"}))
    use(made, 900, "2026-04-03T10:00")
    assert look() == [("percent", "80")]
    pause(subscription_id=made.pk, at=time("2026-04-05T08:00"), actor=ACTOR)
    resume(subscription_id=made.pk, at=time("2026-04-07T08:00"), actor=ACTOR)
    use(made, 10, "2026-04-07T09:00")
    assert look() == []
    change(subscription_id=made.pk, plan_id=watched({"percent": "80"}).pk, at=time("2026-04-10T09:00"), actor=ACTOR)
    use(made, 10, "2026-04-10T10:00")
    assert look() == []
    other = watched({"percent": "80"}, tiers=[{"up_to": "50", "unit_price": "0"}, {"unit_price": "1"}])
    change(subscription_id=made.pk, plan_id=other.pk, at=time("2026-04-12T09:00"), actor=ACTOR)
    use(made, 40, "2026-04-12T10:00")
    assert look() == [("percent", "80")]


def test_the_last_usage_before_an_end_counts() -> None:
    made = started(watched({"percent": "80"}))
    use(made, 900, "2026-04-03T10:00")
    cancel(subscription_id=made.pk, at=time("2026-04-05T08:00"), actor=ACTOR)
    assert look() == [("percent", "80")]
    assert ThresholdCheck.objects.count() == 0


def test_a_trial_that_is_free_announces_nothing() -> None:
    made = started(watched({"percent": "80"}), trial_days=14)
    use(made, 900, "2026-04-03T10:00")
    assert look("2026-04-03T10:01") == []
    assert ThresholdCheck.objects.count() == 0


def test_two_who_look_at_once_announce_it_once() -> None:
    made = [started(watched({"percent": "80"})) for _ in range(5)]
    for each in made:
        use(each, 900, "2026-04-03T10:00")
    start = Barrier(4, timeout=20)

    def tick() -> None:
        try:
            start.wait()
            sweep(actor=ACTOR, often=True)
            for _ in range(5):
                thresholds.compare(scope=WALL, size=2, actor=ACTOR)
        finally:
            connections.close_all()

    with time_machine.travel(time(AT), tick=False), ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(tick) for _ in range(4)]:
            done.result(timeout=60)
        thresholds.compare(scope=WALL, size=200, actor=ACTOR)
    rows = Event.objects.filter(event_type="usage.threshold_reached")
    assert sorted(rows.values_list("object_id", flat=True)) == sorted(each.pk for each in made)
    assert ThresholdCheck.objects.count() == 0


def test_two_who_compare_one_subscription_s_times_at_once_announce_it_once() -> None:
    made = started(watched({"percent": "80"}))
    use(made, 900, "2026-04-03T10:00")
    wall = time("2026-04-20T10:00")
    for start in (time("2026-04-01T00:00"), time("2026-04-02T00:00")):
        ThresholdCheck.objects.create(subscription=made, starts_at=start, due_at=wall)
    ready, first = Barrier(2, timeout=20), ThreadPoolExecutor(1)

    def holds() -> None:
        try:
            with transaction.atomic():
                assert thresholds.compare(scope=WALL, size=1, actor=ACTOR) == 1
                ready.wait()
                ready.wait()
        finally:
            connections.close_all()

    with time_machine.travel(wall, tick=False), first as pool:
        held = pool.submit(holds)
        ready.wait()
        with ThreadPoolExecutor(1) as other:
            second = other.submit(_compared)
            ready.wait()
            assert second.result(timeout=20) == 1
        held.result(timeout=20)
    assert Event.objects.filter(event_type="usage.threshold_reached").count() == 1


def test_what_comes_while_it_is_compared_is_compared_again() -> None:
    made = started(watched({"percent": "80"}, {"percent": "100"}))
    use(made, 900, "2026-04-03T10:00")
    with time_machine.travel(time(AT), tick=False):
        sweep(actor=ACTOR, often=True)
        with elsewhere() as slow, ThreadPoolExecutor(1) as other:
            assert slow(lambda: thresholds.compare(scope=WALL, size=9, actor=ACTOR)) == 1
            use(made, 100, "2026-04-04T10:00")
            noting = other.submit(_swept)
            with pytest.raises(TimeoutError):
                noting.result(timeout=0.5)
            slow.commit()
            noting.result(timeout=20)
        assert thresholds.compare(scope=WALL, size=9, actor=ACTOR) == 1
    rows = Event.objects.filter(event_type="usage.threshold_reached").order_by("pk")
    assert [row.data["object"]["threshold"]["percent"] for row in rows] == ["80", "100"]


def _swept() -> None:
    try:
        sweep(actor=ACTOR, often=True)
    finally:
        connections.close_all()


def _compared() -> int:
    try:
        return thresholds.compare(scope=WALL, size=1, actor=ACTOR)
    finally:
        connections.close_all()


def test_postgresql_keeps_one_of_each() -> None:
    made = started(watched({"percent": "80"}))
    use(made, 900, "2026-04-03T10:00")
    look()
    row = ThresholdReached.objects.get()
    with pytest.raises(IntegrityError, match="subscriptions_threshold_once"), transaction.atomic():
        ThresholdReached.objects.create(
            subscription=made, charge=row.charge, since=row.since, kind=row.kind, value=row.value, quantity=1, amount=1,
            limit=1, at=row.at,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="final"), transaction.atomic():
        row.delete()


def test_on_a_test_clock_it_is_announced_by_beat_and_by_its_steps() -> None:
    clock = new_clock(time("2026-04-01T09:00"))
    made = started(watched({"percent": "80"}, {"percent": "100"}), account=_on(clock.pk))
    use(made, 900, "2026-04-01T08:00", received="2026-04-01T09:00")
    assert look("2026-11-20T10:00") == [("percent", "80")]
    row = Event.objects.get(event_type="usage.threshold_reached")
    assert row.effective_at == time("2026-04-01T09:00")
    use(made, 100, "2026-04-01T08:00", received="2026-04-01T09:00")
    move(clock, time("2026-05-02T00:00"))
    told = Event.objects.filter(event_type="usage.threshold_reached").order_by("pk")[1:].get()
    assert told.data["object"]["threshold"]["percent"] == "100"
    assert told.effective_at < time("2026-04-02T00:00")


def _on(clock_id: Any) -> Account:
    return make_account(test_clock_id=clock_id)


def test_a_tick_looks_at_many_in_a_fixed_number_of_queries(django_assert_max_num_queries: Any) -> None:
    plan = watched({"percent": "80"})
    made = [started(plan) for _ in range(12)]
    for each in made:
        use(each, 900, "2026-04-03T10:00")
    with time_machine.travel(time(AT), tick=False):
        sweep(actor=ACTOR, often=True)
        with django_assert_max_num_queries(16):
            assert thresholds.compare(scope=WALL, size=200, actor=ACTOR) == 12
    assert Event.objects.filter(event_type="usage.threshold_reached").count() == 12


def test_without_thresholds_nothing_is_noted() -> None:
    made = started(watched())
    use(made, 900, "2026-04-03T10:00")
    with time_machine.travel(time(AT), tick=False):
        sweep(actor=ACTOR, often=True)
    assert ThresholdCheck.objects.count() == 0
