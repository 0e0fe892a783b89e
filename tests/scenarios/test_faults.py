"""Parts that fail: each fault as it happens to operators, and what has to be true once it is over."""

import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.scenarios.conftest import Company, settled
from tests.scenarios.stack import Stack, wait_until

CHARGE = "POST /v1/payment_intents"


def kill_the_worker_between_charge_and_record(stack: Stack, company: Company) -> str:
    """The invoice whose charge Stripe has made, while its answer never reached us."""
    stack.fault("timeout_after", CHARGE, count=1, seconds=30)
    invoice = company.subscribe(company.customer())["latest_invoice"]["id"]
    wait_until(lambda: stack.charges(invoice), 15, 0.02)
    stack.kill("worker")
    return str(invoice)


@pytest.mark.fr("FR-026", "FR-061", "FR-062")
def test_a_worker_killed_after_the_charge_learns_of_it_by_the_webhook(
    stack: Stack, company: Company, paid: Callable[[str], bool]
) -> None:
    invoice = kill_the_worker_between_charge_and_record(stack, company)
    wait_until(lambda: paid(invoice), 40)
    assert len(stack.charges(invoice)) == 1
    assert len(company.client.every("/v1/payments", invoice_id=invoice)) == 1


@pytest.mark.fr("FR-026", "FR-062")
def test_a_worker_killed_after_the_charge_asks_again_when_no_webhook_comes(
    stack: Stack, company: Company, paid: Callable[[str], bool]
) -> None:
    stack.fault("webhook_drop", "*", probability=1.0)
    invoice = kill_the_worker_between_charge_and_record(stack, company)
    assert not paid(invoice)
    stack.let_leases_lapse()
    wait_until(lambda: paid(invoice), 40)
    assert len(stack.charges(invoice)) == 1
    assert len(company.client.every("/v1/payments", invoice_id=invoice)) == 1


def subscribe_some(company: Company, count: int = 5) -> list[str]:
    return [str(company.subscribe(company.customer())["latest_invoice"]["id"]) for _ in range(count)]


def assert_each_is_charged_once(stack: Stack, invoices: list[str]) -> None:
    assert {invoice: len(stack.charges(invoice)) for invoice in invoices} == dict.fromkeys(invoices, 1)


@pytest.mark.fr("FR-061", "FR-062")
@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(
            [("error_before", CHARGE, {"count": 2}), ("error_after", CHARGE, {"count": 2, "skip": 2})],
            marks=pytest.mark.long,
        ),
        [("slow", CHARGE, {"count": 3, "seconds": 1}), ("rate_limit", CHARGE, {"count": 2})],
        [("timeout_before", CHARGE, {"count": 2, "seconds": 0}), ("timeout_after", CHARGE, {"count": 2, "seconds": 0})],
        [
            ("webhook_duplicate", "*", {"probability": 1.0}),
            ("webhook_disorder", "*", {"probability": 1.0, "window": 3}),
        ],
        [("webhook_delay", "*", {"probability": 0.5, "seconds": 2}), ("error_after", CHARGE, {"count": 2})],
    ],
    ids=["errors", "slow-and-limited", "time-outs", "duplicates-and-disorder", "late-webhooks-first-answers"],
)
def test_a_gateway_in_trouble_charges_each_invoice_once(
    stack: Stack, company: Company, paid: Callable[[str], bool], faults: list[tuple[str, str, dict[str, Any]]]
) -> None:
    for kind, operation, more in faults:
        stack.fault(kind, operation, **more)
    invoices = subscribe_some(company)
    wait_until(lambda: all(paid(invoice) for invoice in invoices), 60)
    wait_until(lambda: settled(stack), 30)
    assert_each_is_charged_once(stack, invoices)


@pytest.mark.fr("FR-062")
@pytest.mark.parametrize("how", ["killed", "hung"])
def test_a_gateway_that_is_away_delays_and_loses_nothing(
    stack: Stack, company: Company, paid: Callable[[str], bool], how: str
) -> None:
    customers = [company.customer() for _ in range(3)]
    stack.signal("stripe-sandbox", signal.SIGSTOP)
    try:
        answers = [company.client.send("POST", "/v1/subscriptions", company.wish(each)) for each in customers]
        assert [answer.status for answer in answers] == [201, 201, 201]
        assert max(answer.seconds for answer in answers) < 2
        time.sleep(1)
    finally:
        stack.signal("stripe-sandbox", signal.SIGCONT if how == "hung" else signal.SIGKILL)
    invoices = [answer.body["latest_invoice"]["id"] for answer in answers]
    wait_until(lambda: all(paid(invoice) for invoice in invoices), 60)
    assert_each_is_charged_once(stack, invoices)


@pytest.mark.fr("FR-026")
def test_a_broker_that_dies_at_commit_costs_no_request_and_no_charge(
    stack: Stack, company: Company, paid: Callable[[str], bool]
) -> None:
    customers = [company.customer() for _ in range(6)]
    invoices, slowest = [], 0.0
    for number, customer in enumerate(customers):
        if number == 1:
            # Hung first, then killed: the two ways of being away that cost a client its time.
            stack.signal("valkey", signal.SIGSTOP)
        answer = company.client.send("POST", "/v1/subscriptions", company.wish(customer))
        assert answer.status == 201, answer
        slowest = max(slowest, answer.seconds)
        invoices.append(answer.body["latest_invoice"]["id"])
        if number == 3:
            stack.signal("valkey", signal.SIGKILL)
    assert slowest < 2
    wait_until(lambda: all(paid(invoice) for invoice in invoices), 60)
    assert_each_is_charged_once(stack, invoices)
