"""One platform for most of these tests, and the small company that they bill. Each test leaves it healthy."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.scenarios.client import Client
from tests.scenarios.stack import Stack, fill, wait_until


@contextmanager
def new_stack(**environment: str) -> Iterator[Stack]:
    # In the system's temporary folder: pytest's own is closed to the user that PostgreSQL runs as under root.
    data = Path(tempfile.mkdtemp(prefix="billing-test-"))
    data.chmod(0o755)
    stack = Stack(data)
    stack.env |= environment
    try:
        fill(data)
        stack.start()
        yield stack
    finally:
        if stack.process is not None and stack.process.poll() is None:
            stack.end()
        for pid in stack.processes():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(data)


@pytest.fixture(scope="session")
def running() -> Iterator[Stack]:
    with new_stack() as stack:
        yield stack


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """For what would disturb the others."""
    with new_stack() as stack:
        yield stack


@pytest.fixture
def stack(running: Stack) -> Iterator[Stack]:
    """Whole before, and whole again after: no fault is left, nothing hangs, everything adds up."""
    wait_until(running.is_ready)
    yield running
    running.sandbox("DELETE", "faults")
    wait_until(running.is_ready)
    wait_until(lambda: settled(running), 120)
    assert running.faults_in_the_books() == {}


@dataclass(frozen=True)
class Company:
    """A plan of 49.00 and customers who can pay, all made over HTTP."""

    client: Client
    plan: str

    def customer(self, card: str = "pm_card_visa") -> str:
        account = self.client.post(
            "/v1/accounts",
            {"name": "Ada", "email": "ada@example.com", "currency": "USD", "country": "US", "timezone": "Asia/Tokyo"},
        )
        self.client.post(f"/v1/accounts/{account['id']}/payment-methods", {"payment_method_token": card})
        return str(account["id"])

    def wish(self, account_id: str, **more: Any) -> dict[str, Any]:
        return {"account_id": account_id, "plan_id": self.plan, **more}

    def subscribe(self, account_id: str) -> Any:
        """The subscription, with the invoice it begins with."""
        return self.client.post("/v1/subscriptions", self.wish(account_id))


@pytest.fixture
def company(stack: Stack) -> Company:
    return make_company(stack.client)


def make_company(client: Client) -> Company:
    plan = client.post(
        "/v1/plans", {"key": f"team-{uuid4().hex[:12]}", "name": "Team", "interval": "month", "prices": {"USD": 4900}}
    )
    return Company(client, plan["id"])


@pytest.fixture
def paid(stack: Stack) -> Callable[[str], bool]:
    def is_paid(invoice_id: str) -> bool:
        return bool(stack.client.get(f"/v1/invoices/{invoice_id}")["status"] == "PAID")

    return is_paid


def settled(stack: Stack) -> bool:
    """Nothing waits any more: no payment, no word from Stripe, no delivery, no event without its position."""
    return stack.rows(
        """SELECT (SELECT count(*) FROM payments_payment WHERE status = 'PENDING')
                + (SELECT count(*) FROM payments_gatewaynotice WHERE status = 'PENDING')
                + (SELECT count(*) FROM events_delivery WHERE status = 'PENDING')
                + (SELECT count(*) FROM events_event WHERE position IS NULL)"""
    ) == [(0,)]
