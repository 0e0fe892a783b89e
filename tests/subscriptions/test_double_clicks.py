"""The same request twice at the same moment, with a key and without: nothing is done twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections

from apps.events.models import Event
from apps.monitoring.invariants import broken
from tests.accounts.calls import Api
from tests.subscriptions.copies import SCENES, Copy, World

pytestmark = pytest.mark.fr("FR-029", "FR-041", "SC-009")
SAME = {
    "change": ("patch", "/subscriptions/{pk}", {"quantity": 8}),
    "change later": ("patch", "/subscriptions/{pk}", {"quantity": 8, "effective": "period_end"}),
    "another plan": ("patch", "/subscriptions/{pk}", {"plan_id": "{Team}"}),
    "pause": ("post", "/subscriptions/{pk}/pause", {}),
    "cancel": ("post", "/subscriptions/{pk}/cancel", {}),
    "cancel later": ("post", "/subscriptions/{pk}/cancel", {"at_period_end": True}),
    "take a coupon off": ("delete", "/subscriptions/{pk}/coupons/{coupon}", None),
    "subscribe": ("post", "/subscriptions", {"account_id": "{account}", "plan_id": "{Team}"}),
    "void": ("post", "/invoices/{first}/void", {"reason": "x"}),
}
"""Asked for again, without a key too, there is nothing left to do, or it is refused."""
KEYED = {
    "sell": ("post", "/invoices", {"account_id": "{account}", "lines": [{"description": "x", "unit_amount": "700"}]}),
    "note": ("post", "/credit-notes", {"invoice_id": "{first}", "amount": 1000, "reason": "x"}),
    "grant": ("post", "/credits", {"account_id": "{account}", "amount": 700, "currency": "EUR", "reason": "x"}),
    **SAME,
}
"""Without a key the second of these is another one."""


@pytest.fixture
def world(settings: LazySettings, committed_db: str) -> World:
    settings.BILLING_TEST_CLOCKS = True
    return World()


def named(template: Any, copy: Copy) -> Any:
    """The request with the ids of this copy."""
    if isinstance(template, dict):
        return {name: named(each, copy) for name, each in template.items()}
    if isinstance(template, list):
        return [named(each, copy) for each in template]
    ids = {
        "pk": copy.pk,
        "account": copy.account.pk,
        "first": copy.first,
        "coupon": copy.coupon,
        "Team": copy.plans["Team"].pk,
    }
    return template.format(**ids) if isinstance(template, str) else template


def asked(api: Api, copy: Copy, request: tuple[str, str, Any], keys: list[str]) -> list[Any]:
    """The answers to one request for each of these keys (none: without), all sent at once."""
    method, path, body = (named(each, copy) for each in request)
    gate = threading.Barrier(len(keys))

    def one(key: str) -> Any:
        try:
            gate.wait(20)
            return api(method, path, body, **({"Idempotency_Key": f"{copy.pk}-{key}"} if key else {}))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(one, keys))


def became(copy: Copy) -> tuple[Any, ...]:
    """What has become of it, and what was told of it."""
    told = Event.objects.filter(account_id=copy.account.pk).order_by("event_type").values_list("event_type", flat=True)
    return copy.outcome({}), list(told)


@pytest.mark.parametrize("scene", ["a renewal is due", "owed, within the period", "the first day"])
def test_without_a_key_or_under_two(world: World, scene: str) -> None:
    api = Api()
    for name, request in SAME.items():
        once = world.copy(SCENES[scene])
        (alone,) = asked(api, once, request, [""])
        assert alone.status_code in (200, 201), (name, alone.json())
        for keys in (["", ""], ["one", "two"]):
            twice = world.copy(SCENES[scene])
            statuses = sorted(answer.status_code for answer in asked(api, twice, request, keys))
            assert statuses[0] == alone.status_code, (name, statuses)
            assert statuses[1] in (alone.status_code, 404, 409), (name, statuses)
            assert became(twice) == became(once), name
    assert broken() == []


def test_under_one_key(world: World) -> None:
    api, scene = Api(), SCENES["owed, within the period"]
    for name, request in KEYED.items():
        once, twice = world.copy(scene), world.copy(scene)
        (alone,) = asked(api, once, request, ["a"])
        answers = asked(api, twice, request, ["a", "a", "a"])
        done = [answer for answer in answers if answer.status_code == alone.status_code]
        assert [each.json()["code"] for each in answers if each not in done] == ["request_in_progress"] * (
            3 - len(done)
        ), name
        assert sum("Idempotent-Replayed" not in answer for answer in done) == 1, name
        (again,) = asked(api, twice, request, ["a"])
        assert (again["Idempotent-Replayed"], again.content) == ("true", done[0].content), name
        assert became(twice) == became(once), name
    assert broken() == []
