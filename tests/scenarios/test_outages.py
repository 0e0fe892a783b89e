"""The database is killed in the middle of a burst: clients repeat, the books stay right."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.scenarios.client import Answer
from tests.scenarios.conftest import Company, make_company, settled
from tests.scenarios.stack import Stack, wait_until

BURST, CLIENTS = 100, 8


class Probe:
    """Asks /health and /health/ready all the time, as a load balancer does."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.over = stack, threading.Event()
        self.alive: list[Answer] = []
        self.ready: list[int] = []
        self.thread = threading.Thread(target=self.ask)

    def ask(self) -> None:
        while not self.over.wait(0.05):
            self.alive.append(self.stack.client.send("GET", "/health", timeout=5))
            self.ready.append(self.stack.client.send("GET", "/health/ready", timeout=5).status)

    def __enter__(self) -> "Probe":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()


@pytest.mark.long
@pytest.mark.fr("FR-026", "FR-062", "FR-145", "FR-146")
def test_a_database_killed_in_a_burst_of_subscriptions(stack: Stack, company: Company) -> None:
    customers = [company.customer() for _ in range(10)]
    plans = [make_company(stack.client).plan for _ in range(BURST // len(customers))]
    wishes = {str(uuid4()): {"account_id": customer, "plan_id": plan} for customer in customers for plan in plans}

    def create(key: str) -> Answer:
        return company.client.insist(
            "POST", "/v1/subscriptions", {**wishes[key], "metadata": {"order": key}}, idempotency_key=key
        )

    with Probe(stack) as probe, ThreadPoolExecutor(CLIENTS) as clients:
        wait_until(lambda: probe.alive, 5)
        answers = [clients.submit(create, key) for key in wishes]
        wait_until(lambda: sum(answer.done() for answer in answers) > BURST // 5, 30, 0.02)
        # Hung for a moment, so that requests pile up in it, then gone.
        stack.signal("postgresql", signal.SIGSTOP)
        time.sleep(0.5)
        stack.kill("postgresql")
        made = [answer.result() for answer in answers]
        wait_until(lambda: probe.ready[-1] == 200, 60)

    assert {answer.status for answer in made} == {201}, [answer for answer in made if answer.status != 201][:3]
    assert {answer.status for answer in probe.alive} == {200}
    assert sorted(answer.seconds for answer in probe.alive)[int(len(probe.alive) * 0.95)] < 0.1
    assert 503 in probe.ready
    assert set(probe.ready) <= {200, 503}

    stack.let_leases_lapse()
    wait_until(lambda: settled(stack), 180, 0.5)
    subscriptions = [
        each for customer in customers for each in company.client.every("/v1/subscriptions", account_id=customer)
    ]
    assert sorted(each["metadata"]["order"] for each in subscriptions) == sorted(wishes)
    invoices = [each for customer in customers for each in company.client.every("/v1/invoices", account_id=customer)]
    assert len(invoices) == BURST
    assert {invoice["status"] for invoice in invoices} == {"PAID"}
    charged = stack.sandbox("GET", "state?status=succeeded")["charges"]
    billed = {invoice["id"] for invoice in invoices}
    ours = [charge["metadata"]["invoice_id"] for charge in charged if charge["metadata"]["invoice_id"] in billed]
    assert sorted(ours) == sorted(billed)
