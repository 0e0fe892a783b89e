"""Stopping, killing and starting the whole platform on one DATA folder, as its operator does."""

import os
import signal
import urllib.error
import urllib.request

import pytest

from tests.scenarios.conftest import make_company, settled
from tests.scenarios.stack import Stack, wait_until


def is_closed(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        return False
    except OSError:
        return True
    return False


@pytest.mark.long
@pytest.mark.fr("FR-026", "FR-062")
def test_killed_whole_and_started_again_it_goes_on_where_it_was(own_stack: Stack) -> None:
    stack = own_stack
    company = make_company(stack.client)
    kept = company.subscribe(company.customer())["latest_invoice"]["id"]
    late = [company.customer() for _ in range(3)]
    # Commits that nobody charges any more: the gateway is hung when they are made.
    stack.signal("stripe-sandbox", signal.SIGSTOP)
    invoices = [kept, *(company.subscribe(account)["latest_invoice"]["id"] for account in late)]
    before, sandbox = stack.children, stack.children["stripe-sandbox"]["pid"]
    assert stack.process is not None
    stack.process.kill()
    stack.process.wait()
    os.kill(sandbox, signal.SIGKILL)
    wait_until(lambda: not stack.processes(), 40)
    assert is_closed(stack.url)

    stack.start()
    after = stack.children
    assert {name: child.get("port") for name, child in before.items()} == {
        name: child.get("port") for name, child in after.items()
    }
    stack.let_leases_lapse()
    wait_until(lambda: settled(stack), 60)
    for invoice in invoices:
        assert stack.client.get(f"/v1/invoices/{invoice}")["status"] == "PAID"
        assert len(stack.charges(invoice)) == 1
    assert stack.faults_in_the_books() == {}

    # The contract with operators: one line says ready, one Ctrl-C ends all.
    assert [line for line in stack.said if line.startswith("ready")] == [f"ready {stack.url}"]
    assert stack.end(signal.SIGINT) == 0
    assert stack.processes() == []
    assert is_closed(stack.url)
    assert not (stack.data / "services.json").exists()
