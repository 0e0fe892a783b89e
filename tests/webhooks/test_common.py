"""What integrations live on comes through: invoices, payments and subscriptions as they happen, whole."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.events import sequencer
from tests.accounts.calls import Api
from tests.factories.accounts import make_account
from tests.factories.payments import owing, run_sweep
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription
from tests.payments.conftest import process, sandbox  # noqa: F401 - fixtures
from tests.stripe_sandbox.conftest import Sandbox
from tests.webhooks.endpoints import endpoint
from tests.webhooks.receiver import Receiver

WANTED = ["invoice.created", "invoice.paid", "payment.failed", "subscription.cancelled"]


@pytest.mark.fr("FR-107", "FR-114", "FR-115", "FR-131", "SC-036")
def test_the_common_ones_arrive_whole(
    committed_db: str,
    sandbox: Sandbox,  # noqa: F811
    receiver: Receiver,
    send: Callable[..., int],
) -> None:
    endpoint(receiver.url, event_types=WANTED)
    _, paid = owing(4900)
    run_sweep()
    _, declined = owing(1900)
    body = {"payment_method": declined.payment_method.gateway_id, "outcome": "insufficient_funds"}
    assert sandbox.call("POST", "/_sandbox/payment_methods", body)[0] == 200
    run_sweep()
    made = make_subscription(account=make_account(), plan=make_plan())
    api = Api()
    assert api.post(f"/subscriptions/{made.pk}/cancel", {"at_period_end": False}).status_code == 200
    sequencer.assign()
    send()
    came: dict[str, list[Any]] = {}
    for got in sorted(receiver.got, key=lambda got: got.json["sequence"]):
        came.setdefault(got.json["event_type"], []).append(got.json["data"]["object"])
    assert sorted(came) == sorted(WANTED)
    told = next(each for each in came["invoice.paid"] if each["id"] == str(paid.invoice_id))
    [failure] = came["payment.failed"]
    assert (failure["failure_code"], failure["amount"]) == ("insufficient_funds", 1900)
    [ended] = came["subscription.cancelled"]
    assert (ended["id"], ended["status"]) == (str(made.pk), "CANCELLED")
    # Each in the shape in which the API shows it.
    shown = api.get(f"/invoices/{paid.invoice_id}").json()
    assert set(told) == set(shown)
    assert set(ended) <= set(api.get(f"/subscriptions/{made.pk}").json())
