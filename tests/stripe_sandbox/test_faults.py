"""Each fault does what it says, before or after the effect, as often as it was told."""

from collections.abc import Callable

import pytest
import stripe

from tests.stripe_sandbox.conftest import Sandbox

INTENTS = "POST /v1/payment_intents"
Pay = Callable[..., stripe.PaymentIntent]


@pytest.mark.parametrize(
    ("fault", "error", "charges"),
    [
        ({"kind": "timeout_before", "seconds": 5}, stripe.APIConnectionError, 0),
        ({"kind": "timeout_after", "seconds": 5}, stripe.APIConnectionError, 1),
        ({"kind": "timeout_after", "seconds": 0}, stripe.APIConnectionError, 1),
        ({"kind": "rate_limit"}, stripe.RateLimitError, 0),
        ({"kind": "error_before"}, stripe.APIError, 0),
        ({"kind": "error_after"}, stripe.APIError, 1),
    ],
)
def test_effect_of_a_fault_and_of_the_retry(
    sandbox: Sandbox, pay: Pay, request: pytest.FixtureRequest, fault: dict, error: type[Exception], charges: int
) -> None:
    order = request.node.callspec.id
    sandbox.fault(operation=INTENTS, **fault)
    client = sandbox.client(timeout=0.5)
    with pytest.raises(error):
        pay(client, order, metadata={"order": order})
    assert len(sandbox.charges(order=order)) == charges
    retried = pay(client, order, metadata={"order": order})
    assert retried.status == "succeeded"
    assert ("Idempotent-Replayed" in retried.last_response.headers) is bool(charges)
    assert len(sandbox.charges(order=order)) == 1


def test_a_sticky_500_is_what_the_key_keeps(sandbox: Sandbox, client: stripe.StripeClient, pay: Pay) -> None:
    sandbox.fault(kind="error_after", operation=INTENTS, sticky=True)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            pay(client, "sticky", metadata={"order": "sticky"})
    assert len(sandbox.charges(order="sticky")) == 1


def test_count_skip_and_pattern(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.fault(kind="rate_limit", operation="POST /v1/customers*", count=2, skip=1)
    outcomes = []
    for number in range(5):
        try:
            client.v1.customers.create({"name": str(number)})
            outcomes.append("ok")
        except stripe.RateLimitError:
            outcomes.append("429")
    assert outcomes == ["ok", "429", "429", "ok", "ok"]
    assert client.v1.customers.list({"limit": 1}).data[0].name == "4"


def test_probability_with_a_seed_repeats_itself(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    def outcomes() -> list[bool]:
        sandbox.call("DELETE", "/_sandbox/faults")
        sandbox.fault(kind="error_before", operation="GET /v1/account", probability=0.5, seed=7)
        seen = []
        for _ in range(20):
            try:
                client.v1.accounts.retrieve_current()
                seen.append(True)
            except stripe.APIError:
                seen.append(False)
        return seen

    first = outcomes()
    assert first == outcomes()
    assert set(first) == {True, False}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "meteor"}, "kind: must be one of"),
        ({"kind": "slow", "seconds": "long"}, "seconds: must be"),
        ({"kind": "slow", "count": -1, "colour": "red"}, "colour: unknown; count: must be between"),
        ([1], "A fault is a JSON object"),
    ],
)
def test_a_wrong_fault_is_refused_with_every_reason(sandbox: Sandbox, fault: object, words: str) -> None:
    status, answer = sandbox.call("POST", "/_sandbox/faults", fault)
    assert status == 400
    assert answer["error"]["code"] == "fault_invalid"
    assert words in answer["error"]["message"]
    assert sandbox.call("GET", "/_sandbox/faults")[1] == {"faults": []}
