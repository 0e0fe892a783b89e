"""What happens on which day, and what is said while the clock is on its way."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from billing_project.demo.life import CALLS, CANCELLED, GOODWILL, SEATS, act, use, waiting


class Heard:
    """Stands where the API would be, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    def call(self, method: str, path: str, body: Any = None, **_: str) -> Any:
        self.asked.append((method, path, body))
        return {"id": "a-1", "currency": "EUR", "accepted": 5, "duplicates": 2, "rejected": 1}


def on_day(day: int, *numbers: int, status: str = "ACTIVE") -> list[tuple[str, str, Any]]:
    heard = Heard()
    contracts = {f"S-{number:04}": {"id": number, "account_id": "a-1", "status": status} for number in numbers}
    act(heard, contracts, day)  # type: ignore[arg-type]
    return heard.asked


def test_every_day_that_is_named_is_another_day() -> None:
    assert len({*GOODWILL, *SEATS, *CANCELLED}) == len(GOODWILL) + len(SEATS) + len(CANCELLED)


def test_seats_change_credit_is_given_and_somebody_leaves() -> None:
    assert on_day(9, 1) == [("PATCH", "/v1/subscriptions/1", {"quantity": 7})]
    given = {"account_id": "a-1", "amount": 2500, "currency": "EUR", "reason": "goodwill"}
    assert on_day(5, 3) == [("GET", "/v1/accounts/a-1", None), ("POST", "/v1/credits", given)]
    at_once = {"at_period_end": False, "credit_unused": True, "reason": "moved on"}
    assert on_day(36, 13) == [("POST", "/v1/subscriptions/13/cancel", at_once)]


def test_a_shortened_company_lacks_some_and_most_days_are_quiet() -> None:
    assert on_day(9) == on_day(5) == on_day(36) == []
    assert on_day(1, *range(1, 30)) == []


def test_a_day_of_usage_is_one_request_with_keys_of_its_own_and_what_is_there_already_counts() -> None:
    heard, used = Heard(), Counter[str]()
    for day in (1, 2):
        use(heard, ["S-0001", "S-0006"], day, datetime(2028, 1, day, tzinfo=UTC), used)  # type: ignore[arg-type]
    sent = [body for method, path, body in heard.asked if (method, path) == ("POST", "/v1/usage/batch")]
    assert [len(body) for body in sent] == [2 * CALLS + 2, 2 * CALLS + 4]
    assert len({event["idempotency_key"] for body in sent for event in body}) == sum(map(len, sent))
    assert sent[0][0]["timestamp"] == "2028-01-01T00:00:00+00:00"
    assert used == {"stored": 14, "refused": 2}
    use(heard, [], 3, datetime(2028, 1, 3, tzinfo=UTC), used)
    assert len(heard.asked) == 2


def test_what_the_clock_waits_for_is_said_in_words() -> None:
    assert waiting({"payments.charge": 146, "accounts.deliveries": 4}) == (
        "waiting for 4 of accounts.deliveries, 146 of payments.charge"
    )
    assert waiting({}) == "waiting for the worker"
