"""Three months, a day at a time: what customers use, what happens on fixed days, and the clock moved over the API."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from billing_project.demo.client import Client, DemoFailed
from billing_project.demo.company import START
from billing_project.demo.words import say

PATIENCE_SECONDS = 180
GOODWILL = {5: 3, 12: 8, 33: 16}
"""Day -> customer who gets 25.00 (JPY: 2,500) of goodwill."""
SEATS = {9: (1, 7), 22: (10, 1), 40: (2, 6), 51: (4, 2)}
"""Day -> customer and the new number of seats."""
CANCELLED = {18: (7, True), 36: (13, False), 60: (20, True)}
"""Day -> customer, and whether at the end of the period."""
CALLS = 8
"""A metered customer sends so many events a day, and up to six more."""


def live(client: Client, clock: str, days: int) -> tuple[float, Counter[str]]:
    """Until the last day; returns the seconds that the clock was on its way, and how many events were stored."""
    first, moving, told = datetime.fromisoformat(START), 0.0, time.monotonic()
    contracts = {each["external_key"]: each for each in client.every("/v1/subscriptions")}
    plans = {each["id"] for each in client.every("/v1/plans") if each["charges"]}
    metered = sorted(key for key, each in contracts.items() if each["plan_id"] in plans)
    used: Counter[str] = Counter()
    advance(client, clock, first)
    for day in range(1, days + 1):
        act(client, contracts, day)
        use(client, metered, day, first + timedelta(days=day - 1), used)
        began = time.monotonic()
        advance(client, clock, first + timedelta(days=day))
        moving += time.monotonic() - began
        if day == days or time.monotonic() - told > 1:
            told = time.monotonic()
            say(f"  {first + timedelta(days=day):%d %b %Y}  day {day:3}  {progress(client, moving)}")
    return moving, used


def use(client: Client, metered: Sequence[str], day: int, at: datetime, used: Counter[str]) -> None:
    """A day's calls of all metered customers, in one request. Those that have left are refused, event by event."""
    events = [
        {"idempotency_key": f"{key}-{day}-{number}", "subscription_external_key": key, "metric": "api_calls",
         "timestamp": at.isoformat(), "properties": {"region": ("eu", "us")[number % 2]}}
        for key in metered
        for number in range(CALLS + (int(key[-4:]) + day) % 7)
    ]  # fmt: skip
    if events:
        answer = client.call("POST", "/v1/usage/batch", events)
        used.update(stored=answer["accepted"] + answer["duplicates"], refused=answer["rejected"])


def progress(client: Client, seconds: float) -> str:
    made = Counter(each["status"] for each in client.every("/v1/invoices"))
    total = sum(made.values())
    return f"{total:5} invoices, {made['PAID']:5} paid, {total / seconds:6.1f} a second"


def act(client: Client, contracts: dict[str, Any], day: int) -> None:
    """What happens on this day besides billing."""

    def of(number: int) -> dict[str, Any]:
        return dict(contracts.get(f"S-{number:04}") or {})

    if day in GOODWILL and (one := of(GOODWILL[day])):
        account = client.call("GET", f"/v1/accounts/{one['account_id']}")
        credit = {"account_id": account["id"], "amount": 2500, "currency": account["currency"], "reason": "goodwill"}
        client.call("POST", "/v1/credits", credit)
    if day in SEATS and (one := of(SEATS[day][0])) and one["status"] != "CANCELLED":
        client.call("PATCH", f"/v1/subscriptions/{one['id']}", {"quantity": SEATS[day][1]})
    if day in CANCELLED and (one := of(CANCELLED[day][0])):
        wish = {"at_period_end": CANCELLED[day][1], "credit_unused": not CANCELLED[day][1], "reason": "moved on"}
        client.call("POST", f"/v1/subscriptions/{one['id']}/cancel", wish)


def advance(client: Client, clock: str, to: datetime) -> None:
    """There, however often the answer is that it is still on its way."""
    path = f"/v1/test-clocks/{clock}"
    stands = client.call("POST", f"{path}/advance", {"frozen_time": to.isoformat()}, Prefer="wait=1")
    until, told = time.monotonic() + PATIENCE_SECONDS, time.monotonic()
    while stands["status"] == "ADVANCING" and time.monotonic() < until:
        time.sleep(0.05)
        stands = client.call("GET", path)
        if time.monotonic() - told > 2:
            told = time.monotonic()
            say(f"  {stands['frozen_time']}  {waiting(stands['progress']['waiting_for'])}")
    if stands["status"] != "READY":
        raise DemoFailed(f"the clock is {stands['status']}: {stands['error'] or stands['progress']}\n"
                         "  hint: look at logs/worker.log")  # fmt: skip


def waiting(work: dict[str, int]) -> str:
    """What the clock waits for before it goes on, in words."""
    pieces = ", ".join(f"{number} of {name}" for name, number in sorted(work.items()))
    return f"waiting for {pieces or 'the worker'}"
