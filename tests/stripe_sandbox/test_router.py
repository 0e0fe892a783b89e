"""Keys, paths, parameters and idempotency, as a client meets them."""

import base64
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.conftest import KEY, OTHER_KEY, Sandbox

AUTH = {"Authorization": f"Bearer {KEY}"}
Pay = Callable[..., stripe.PaymentIntent]


def test_the_same_key_and_body_get_the_stored_answer(sandbox: Sandbox, client: stripe.StripeClient, pay: Pay) -> None:
    first = pay(client, "same", metadata={"order": "same"})
    second = pay(client, "same", metadata={"order": "same"})
    assert second.id == first.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert len(sandbox.charges(order="same")) == 1


def test_the_same_key_with_another_body_is_refused(client: stripe.StripeClient, pay: Pay) -> None:
    pay(client, "body")
    with pytest.raises(stripe.IdempotencyError) as caught:
        pay(client, "body", amount=2000)
    assert caught.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.v1.customers.create({"name": "x"}, {"idempotency_key": "body"})


def test_keys_belong_to_an_api_key(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    mine = client.v1.customers.create({"name": "x"}, {"idempotency_key": "owned"})
    other = sandbox.client(OTHER_KEY).v1.customers.create({"name": "x"}, {"idempotency_key": "owned"})
    assert mine.id != other.id


def test_a_decline_is_stored_and_a_bad_parameter_is_not(
    sandbox: Sandbox, client: stripe.StripeClient, pay: Pay
) -> None:
    ids = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            pay(client, "declined", payment_method="pm_card_chargeDeclined")
        ids.append(declined.value.error.payment_intent.id)
    assert ids[0] == ids[1]
    with pytest.raises(stripe.InvalidRequestError):
        pay(client, "mended", amount=0)
    assert pay(client, "mended").status == "succeeded"


def test_concurrent_posts_with_one_key_make_one_charge(sandbox: Sandbox, pay: Pay) -> None:
    barrier = threading.Barrier(8)

    def post(_: int) -> str:
        client = sandbox.client()
        barrier.wait()
        try:
            return pay(client, "raced", metadata={"order": "raced"}).id
        except stripe.StripeError as error:
            return "conflict" if error.http_status == 409 else repr(error)

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(post, range(8)))
    assert len(ids - {"conflict"}) == 1
    assert len(sandbox.charges(order="raced")) == 1


def test_a_key_in_use_answers_409(sandbox: Sandbox, client: stripe.StripeClient, pay: Pay) -> None:
    sandbox.fault(kind="slow", operation="POST /v1/payment_intents", seconds=1.5, count=1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(pay, client, "busy", metadata={"order": "busy"})
        while not sandbox.call("GET", "/_sandbox/faults")[1]["faults"][0]["hits"]:
            time.sleep(0.02)
        time.sleep(0.1)  # the fault is counted a moment before the key is taken
        with pytest.raises(stripe.StripeError) as caught:
            pay(sandbox.client(), "busy", metadata={"order": "busy"})
        assert caught.value.http_status == 409
        assert slow.result().status == "succeeded"
    assert len(sandbox.charges(order="busy")) == 1


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "api_key_missing"),
        ({"Authorization": "Bearer "}, "api_key_missing"),
        ({"Authorization": "Basic !!!"}, "api_key_missing"),
        ({"Authorization": "Bearer sk_" + "live_" + "x" * 24}, "live_key_refused"),
        ({"Authorization": "Bearer pk_test_" + "x" * 24}, "api_key_invalid"),
    ],
)
def test_keys_that_are_refused(sandbox: Sandbox, headers: dict[str, str], code: str) -> None:
    status, answer = sandbox.call("GET", "/v1/account", headers=headers)
    assert (status, answer["error"]["code"]) == (401, code)


def test_basic_authentication_serves_too(sandbox: Sandbox) -> None:
    basic = base64.b64encode(f"{KEY}:".encode()).decode()
    status, account = sandbox.call("GET", "/v1/account", headers={"Authorization": f"Basic {basic}"})
    assert (status, account["object"]) == (200, "account")
    assert sandbox.call("GET", "/v1/account", headers={**AUTH, "Stripe-Account": account["id"]})[0] == 200
    assert sandbox.call("GET", "/v1/account", headers={**AUTH, "Stripe-Account": "acct_other"})[0] == 403


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1/nothing", None, 404, "url_unrecognized"),
        ("GET", "/", None, 404, "url_unrecognized"),
        ("DELETE", "/v1/charges", None, 405, "method_not_allowed"),
        ("PUT", "/v1/customers", b"name=x", 405, "method_not_allowed"),
        ("GET", "/v1/customers/cus_none", None, 404, "resource_missing"),
        ("POST", "/v1/customers", b"colour=red", 400, "parameter_unknown"),
        ("POST", "/v1/customers", b"\xff\xfe=1", 400, "request_unreadable"),
        ("POST", "/v1/customers", b"no form at all", 400, "request_unreadable"),
        ("POST", "/v1/customers", b"metadata=flat", 400, None),
        ("POST", "/v1/customers", b"metadata[a]=1&metadata=2", 400, None),
        ("POST", "/v1/customers", b"name[a]=1", 400, None),
        ("POST", "/v1/customers", b"email=nobody", 400, "email_invalid"),
        ("POST", "/v1/payment_intents", b"currency=eur", 400, "parameter_missing"),
        ("POST", "/v1/payment_intents", b"amount=1.5&currency=eur", 400, "parameter_invalid_integer"),
        ("POST", "/v1/payment_intents", b"amount=0&currency=eur", 400, "parameter_invalid_integer"),
        ("POST", "/v1/payment_intents", b"amount=-5&currency=eur", 400, "parameter_invalid_integer"),
        ("POST", "/v1/payment_intents", b"amount=100000000&currency=eur", 400, "amount_too_large"),
        ("POST", "/v1/payment_intents", b"amount=49&currency=eur", 400, "amount_too_small"),
        ("POST", "/v1/payment_intents", b"amount=1005&currency=kwd", 400, "parameter_invalid_integer"),
        ("POST", "/v1/payment_intents", b"amount=50&currency=zzz", 400, None),
        ("POST", "/v1/payment_intents", b"amount=50&currency=eur&off_session=true", 400, None),
        ("POST", "/v1/payment_intents", b"amount=50&currency=eur&confirm=true", 400, "payment_intent_unexpected_state"),
        ("POST", "/v1/payment_intents", b"amount=50&currency=eur&customer=cus_x", 400, "resource_missing"),
        ("GET", "/v1/charges?limit=0", None, 400, "parameter_invalid_integer"),
        ("GET", "/v1/charges?starting_after=ch_x", None, 400, "resource_missing"),
        ("GET", "/v1/account?expand[]=nothing", None, 400, None),
    ],
)
def test_bad_requests(sandbox: Sandbox, method: str, path: str, body: Any, status: int, code: str | None) -> None:
    headers = AUTH | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    answered, answer = sandbox.call(method, path, body, headers)
    assert (answered, answer["error"].get("code")) == (status, code)
    assert answer["error"]["type"] == "invalid_request_error"
    assert answer["error"]["message"]


def test_a_body_above_one_mebibyte_is_refused_and_json_too(sandbox: Sandbox) -> None:
    status, answer = sandbox.call("POST", "/v1/customers", b"name=" + b"x" * 1024 * 1024, AUTH)
    assert (status, answer["error"]["code"]) == (413, "body_too_large")
    json_type = {"Content-Type": "application/json"}
    status, answer = sandbox.call("POST", "/v1/customers", b'{"name": "x"}', AUTH | json_type)
    assert (status, answer["error"]["code"]) == (400, "content_type_invalid")
