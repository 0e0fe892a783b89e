"""`manage.py simulate`: a company whose books hold, the same one for the same seed, and nowhere in live mode."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Account
from apps.backoffice.simulation.company import BEGINS, Verb, asked, end, payers
from apps.clocks.models import TestClock
from apps.events.models import Delivery
from apps.invoices.models import Invoice
from apps.subscriptions.models import Subscription
from apps.usage.models import UsageEvent
from tests.explain.holding import unexplained

pytestmark = pytest.mark.fr("B-19")


def simulated(capsys: Any, *more: str) -> dict[str, Any]:
    call_command("simulate", "--json", *more)
    return dict(json.loads(capsys.readouterr().out))


@pytest.mark.long
@pytest.mark.fr("B-01")
def test_one_seed_one_company_beside_what_is_there(committed_db: str, capsys: Any) -> None:
    small = ("--accounts=12", "--months=5")
    first = simulated(capsys, *small, "--seed=3")
    again = simulated(capsys, *small, "--seed=3")
    other = simulated(capsys, *small, "--seed=4")
    same = ("accounts", "invoices", "currencies", "billed_by_month", "done", "refused", "subscriptions", "usage_events")
    for name in (*same, "usage_events_billed"):
        assert first[name] == again[name], name
    assert first["digest"] == again["digest"] != other["digest"]
    assert first["accounts"] == 12
    assert first["invoices"] > 20
    assert first["usage_events"] > first["usage_events_billed"] > 300
    assert set(UsageEvent.objects.values_list("metric", flat=True)) == {"api_calls"}
    assert first["invariants_broken"] == other["invariants_broken"] == []
    assert TestClock.objects.count() == 3
    assert Account.objects.filter(test_clock_id=None).count() == 0
    assert set(Subscription.objects.values_list("status", flat=True)) <= {"ACTIVE", "PAUSED", "CANCELLED", "TRIAL"}
    assert not Delivery.objects.filter(subscriber__startswith="accounts.", status="PENDING").exists()
    billed = sum(row["billed"] for row in first["currencies"].values())
    clock = first["test_clock_id"]
    assert billed == sum(
        Invoice.objects.filter(account__test_clock_id=clock).exclude(status="VOID").values_list("total", flat=True)
    )
    assert unexplained() == []


def test_a_table_for_people(committed_db: str, capsys: Any) -> None:
    call_command("simulate", "--accounts=3", "--months=2", "--seed=1")
    said = capsys.readouterr()
    assert "3 accounts, 2 months, seed 1:" in said.out
    assert "all invariants hold; digest " in said.out
    assert "usage: " in said.out
    assert "100%  2024-03-01" in said.err


@pytest.mark.parametrize("given", ["--accounts=0", "--accounts=100001", "--months=0", "--months=121"])
def test_what_is_out_of_range(given: str) -> None:
    with pytest.raises(CommandError, match="is out of range: give 1 to"):
        call_command("simulate", given)


def test_never_in_live_mode(settings: Any) -> None:
    settings.BILLING_LIVEMODE = True
    with pytest.raises(CommandError, match="in test mode"):
        call_command("simulate")
    settings.BILLING_LIVEMODE, settings.BILLING_TEST_CLOCKS = False, False
    with pytest.raises(CommandError, match="with test clocks"):
        call_command("simulate")


def test_what_is_drawn() -> None:
    people = payers(400, 24, 7)
    things = asked(people, 24, 7)
    assert (people, things) == (payers(400, 24, 7), asked(people, 24, 7))
    assert {thing.verb for thing in things} == set(Verb)
    assert [thing.day for thing in things] == sorted(thing.day for thing in things)
    assert BEGINS <= things[0].day <= things[-1].day < end(24)
    assert {payer.currency for payer in people} == {"EUR", "USD", "GBP", "JPY"}
    first = {}
    for thing in things:
        first.setdefault(thing.payer, thing.verb)
    assert set(first.values()) == {Verb.SUBSCRIBE}
