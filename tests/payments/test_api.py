"""/v1/payments and /v1/accounts/{id}/payment-methods, with the real gateway code behind them."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps.audit.models import Entry as AuditEntry
from apps.events.models import Event
from apps.kernel import clock
from apps.payments import stripe as gateway
from apps.payments.models import GatewayCustomer, Payment, PaymentMethod
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method, opened, owing, run_sweep
from tests.stripe_sandbox.conftest import Sandbox

SETUP = "POST /v1/setup_intents"
VISA = {"payment_method_token": "pm_card_visa"}


def methods(account: Any, more: str = "") -> str:
    return f"/accounts/{account.pk}/payment-methods{more}"


def held(sandbox: Sandbox, account: Any) -> list[str]:
    """The methods that the gateway holds for the account."""
    customer = GatewayCustomer.objects.get(account=account).gateway_id
    return [card.id for card in sandbox.client().v1.customers.payment_methods.list(customer).data]


@pytest.mark.fr("FR-003", "FR-011")
def test_a_token_becomes_a_method(books: str, sandbox: Sandbox, api: Any) -> None:
    account = payer()
    answer = api("post", methods(account), VISA)
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    method = PaymentMethod.objects.get()
    assert shown == {
        "id": str(method.pk), "account_id": str(account.pk), "type": "card", "card_brand": "visa", "card_last4": "4242",
        "card_exp_month": method.card_exp_month, "card_exp_year": method.card_exp_year, "is_default": True,
        "created_at": shown["created_at"], "url": f"/v1{methods(account, f'/{method.pk}')}",
    }  # fmt: skip
    assert held(sandbox, account) == [method.gateway_id]
    assert Event.objects.get(event_type="payment_method.attached").data["object"] == shown
    assert api("get", f"/accounts/{account.pk}").json()["default_payment_method_id"] == str(method.pk)


@pytest.mark.fr("FR-003")
def test_a_setup_intent_becomes_a_method(books: str, sandbox: Sandbox, api: Any) -> None:
    account = payer()
    client = sandbox.client()
    asked = {"payment_method": "pm_card_mastercard", "payment_method_types": ["card"], "usage": "off_session"}
    intent = client.v1.setup_intents.create({**asked, "confirm": True})
    answer = api("post", methods(account), {"payment_method_token": intent.id})
    assert answer.status_code == 201, answer.content
    assert answer.json()["card_brand"] == "mastercard"
    again = api("post", methods(account), {"payment_method_token": held(sandbox, account)[0]})
    assert (again.status_code, again.json()["id"]) == (201, answer.json()["id"])
    other = api("post", methods(payer()), {"payment_method_token": intent.id})
    assert (other.status_code, other.json()["code"]) == (422, "payment_method_refused")
    begun = client.v1.setup_intents.create(asked)
    unfinished = api("post", methods(account), {"payment_method_token": begun.id})
    assert (unfinished.status_code, unfinished.json()["code"]) == (422, "payment_method_refused")


@pytest.mark.parametrize("token", ["pm_card_chargeDeclined", "pm_card_authenticationRequired", "pm_never", "tok_x"])
def test_a_refused_token(books: str, sandbox: Sandbox, api: Any, token: str) -> None:
    account = payer()
    answer = api("post", methods(account), {"payment_method_token": token})
    assert answer.status_code == 422
    assert (answer.json()["code"], bool(answer.json()["hint"])) == ("payment_method_refused", True)
    [method] = PaymentMethod.objects.all()
    assert (method.status, method.is_default) == ("REFUSED", False)
    assert method.failure_code
    assert api("get", methods(account)).json()["data"] == []
    assert not Event.objects.filter(event_type="payment_method.attached").exists()


@pytest.mark.fr("FR-004")
@pytest.mark.parametrize(
    "body",
    [
        {"payment_method_token": "4242424242424242"},
        {"payment_method_token": "4242 4242 4242 4242"},
        {"payment_method_token": "pm_4242424242424242"},
        {"payment_method_token": "pm_card_visa", "card": {"number": "4242424242424242", "cvc": "123"}},
        {"payment_method_token": "pm_card_visa", "cvc": "123"},
        {"payment_method_token": "no token"},
    ],
)
def test_card_data_is_refused_and_kept_nowhere(books: str, sandbox: Sandbox, api: Any, body: dict[str, Any]) -> None:
    account = payer()
    answer = api("post", methods(account), body)
    assert answer.status_code == 422, answer.content
    assert answer.json()["hint"]
    assert b"4242" not in answer.content
    assert PaymentMethod.objects.count() == 0
    assert not AuditEntry.objects.filter(table_name="payments_paymentmethod").exists()


@pytest.mark.parametrize("key", [None, "same-key"])
@pytest.mark.parametrize(
    "fault",
    [{"kind": "timeout_after", "seconds": 1.5}, {"kind": "error_before"}, {"kind": "rate_limit"}, None],
    ids=["died after the effect", "500", "429", "down"],
)
def test_a_silent_gateway_and_the_same_request_again(
    books: str, sandbox: Sandbox, api: Any, settings: Any, fault: Any, key: str | None
) -> None:
    account = payer()
    headers = {"Idempotency_Key": key} if key else {}
    if fault is None:
        settings.STRIPE_API_BASE = "http://127.0.0.1:1"
        gateway.connect.cache_clear()
    else:
        sandbox.fault(operation=SETUP, count=1, **fault)
    answer = api("post", methods(account), VISA, **headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "gateway_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert api("get", methods(account)).json()["data"] == []
    settings.STRIPE_API_BASE = sandbox.url
    gateway.connect.cache_clear()
    answer = api("post", methods(account), VISA, **headers)
    assert answer.status_code == 201, answer.content
    assert held(sandbox, account) == [PaymentMethod.objects.get().gateway_id]
    if key:
        replayed = api("post", methods(account), VISA, **headers)
        assert replayed.headers["Idempotent-Replayed"] == "true"
        assert replayed.json() == answer.json()


def test_the_same_token_twice_is_one_method(books: str, sandbox: Sandbox, api: Any) -> None:
    account = payer()
    first = api("post", methods(account), VISA).json()
    other = api("post", methods(account), {"payment_method_token": "pm_card_amex", "set_as_default": True}).json()
    assert other["is_default"] is True
    again = api("post", methods(account), VISA)
    assert (again.status_code, again.json()["id"], again.json()["is_default"]) == (201, first["id"], False)
    wanted = api("post", methods(account), {**VISA, "set_as_default": True}).json()
    assert (wanted["id"], wanted["is_default"]) == (first["id"], True)
    assert len(held(sandbox, account)) == 2
    assert Event.objects.filter(event_type="payment_method.attached").count() == 2


@pytest.mark.fr("FR-011")
def test_default_list_and_delete(books: str, sandbox: Sandbox, api: Any) -> None:
    account = payer()
    visa = api("post", methods(account), VISA).json()
    amex = api("post", methods(account), {"payment_method_token": "pm_card_amex"}).json()
    assert (visa["is_default"], amex["is_default"]) == (True, False)
    account.refresh_from_db()
    assert account.version == 2, "another method that is not the default shows nowhere on the account"
    assert [each["id"] for each in api("get", methods(account)).json()["data"]] == [amex["id"], visa["id"]]
    answer = api("post", methods(account, f"/{amex['id']}/default"))
    assert (answer.status_code, answer.json()["is_default"]) == (200, True)
    api("post", methods(account, f"/{amex['id']}/default"))
    assert api("delete", methods(account, f"/{amex['id']}")).status_code == 204
    [left] = api("get", methods(account)).json()["data"]
    assert (left["id"], left["is_default"]) == (visa["id"], True)
    assert api("delete", methods(account, f"/{amex['id']}")).status_code == 404
    assert Event.objects.get(event_type="payment_method.detached").data["object"]["id"] == amex["id"]
    assert len(held(sandbox, account)) == 2, "the gateway is told by the worker"
    sandbox.fault(kind="error_before", operation="POST /v1/payment_methods/*", count=1)
    assert run_sweep() == 0
    PaymentMethod.objects.exclude(next_call_at=None).update(next_call_at=clock.wall())
    assert run_sweep() == 1
    assert held(sandbox, account) == [PaymentMethod.objects.get(pk=visa["id"]).gateway_id]
    assert run_sweep() == 0
    assert api("delete", methods(account, f"/{visa['id']}")).status_code == 204
    shown = api("get", f"/accounts/{account.pk}")
    assert (shown.json()["default_payment_method_id"], shown["ETag"]) == (None, '"v-5"')
    told = Event.objects.filter(event_type="account.updated").order_by("id")
    defaults = [visa["id"], amex["id"], visa["id"], None]
    assert [event.data["object"]["default_payment_method_id"] for event in told] == defaults
    before = [event.data["previous_attributes"] for event in told]
    assert before == [{"default_payment_method_id": each} for each in [None, *defaults[:-1]]]
    assert told.last().data["object"] == shown.json()


def test_a_method_the_gateway_lost_counts_as_detached(books: str, sandbox: Sandbox, api: Any) -> None:
    account = payer()
    visa = api("post", methods(account), VISA).json()
    sandbox.client().v1.payment_methods.detach(held(sandbox, account)[0])
    api("delete", methods(account, f"/{visa['id']}"))
    assert run_sweep() == 1
    method = PaymentMethod.objects.get()
    assert (method.next_call_at, method.lease_until) == (None, None)
    assert method.last_error.startswith("the gateway says")


def test_a_method_in_use_stays(books: str, sandbox: Sandbox, api: Any) -> None:
    account, payment = owing()
    path = methods(account, f"/{payment.payment_method_id}")
    answer = api("delete", path)
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_method_in_use")
    run_sweep()
    assert api("delete", path).status_code == 204


@pytest.mark.parametrize("verb", ["delete", "default"])
def test_of_another_account(books: str, api: Any, verb: str) -> None:
    method = known_method(payer())
    other = payer()
    for account_id, method_id in ((other.pk, method.pk), (other.pk, uuid4()), (uuid4(), method.pk), ("x", "y")):
        path = f"/accounts/{account_id}/payment-methods/{method_id}"
        answer = api("delete", path) if verb == "delete" else api("post", f"{path}/default")
        assert answer.status_code == 404
    assert api("get", f"/accounts/{uuid4()}/payment-methods").status_code == 404
    assert api("post", f"/accounts/{uuid4()}/payment-methods", VISA).status_code == 404
    method.refresh_from_db()
    assert method.status == "ACTIVE"


@pytest.mark.fr("FR-011")
@pytest.mark.parametrize("tokens", [("pm_card_visa", "pm_card_amex"), ("pm_card_visa", "pm_card_visa")])
def test_two_attached_at_once(books: str, sandbox: Sandbox, api: Any, tokens: tuple[str, str]) -> None:
    account = payer()
    answers: list[Any] = []

    def attach(token: str) -> None:
        answers.append(api("post", methods(account), {"payment_method_token": token, "set_as_default": True}))
        connections.close_all()

    threads = [threading.Thread(target=attach, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A key that is at work at the gateway is answered with "later", which is 503 here.
    for token, answer in zip(tokens, answers, strict=True):
        assert answer.status_code in (201, 503), answer.content
        if answer.status_code == 503:
            attach(token)
    assert PaymentMethod.objects.filter(status="ACTIVE").count() == len(set(tokens)) == len(held(sandbox, account))
    assert PaymentMethod.objects.filter(is_default=True).count() == 1
    assert GatewayCustomer.objects.count() == 1


@pytest.mark.fr("FR-057")
def test_a_new_method_collects_what_waits(books: str, sandbox: Sandbox, api: Any) -> None:
    account = payer()
    one = invoice(4900, account=account)
    assert Payment.objects.count() == 0
    api("post", methods(account), VISA)
    assert opened(one).amount == 4900
    assert run_sweep() == 1
    one.refresh_from_db()
    assert one.status == "PAID"


def test_prefer_wait_holds_the_answer_until_the_charge_is_done(books: str, sandbox: Sandbox, api: Any) -> None:
    account = payer()
    one = invoice(4900, account=account)
    done = threading.Event()

    def work() -> None:
        while not done.is_set() and not run_sweep(5):
            done.wait(0.05)
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        answer = api("post", methods(account), VISA, Prefer="wait=15", X_Request_ID="wait-for-me")
    finally:
        done.set()
        worker.join()
    assert answer.headers["Preference-Applied"] == "wait=15"
    assert opened(one).status == "SUCCEEDED"


@pytest.mark.fr("FR-068")
def test_payments_are_listed_and_filtered(books: str, sandbox: Sandbox, api: Any) -> None:
    account, payment = owing(4900)
    _, other = owing(100)
    Payment.objects.filter(pk=other.pk).update(next_call_at=clock.wall() + timedelta(hours=1))
    run_sweep()
    payment.refresh_from_db()
    shown = api("get", f"/payments/{payment.pk}").json()
    expected = {
        "id": str(payment.pk), "invoice_id": str(payment.invoice_id), "account_id": str(account.pk), "amount": 4900,
        "carried": 0, "amount_refunded": 0, "currency": "USD", "status": "SUCCEEDED", "method": "card",
        "payment_method_id": str(payment.payment_method_id), "gateway_transaction_id": payment.gateway_transaction_id,
        "failure_code": None, "failure_message": None, "attempt": 1, "origin": "invoice", "next_retry_at": None,
        "action_url": None, "action_until": None, "amount_charged_back": 0, "reference": None,
        "url": f"/v1/payments/{payment.pk}",
    }  # fmt: skip
    assert {name: value for name, value in shown.items() if name != "created_at"} == expected

    def found(query: str) -> list[UUID]:
        answer = api("get", f"/payments?{query}")
        assert answer.status_code == 200, answer.content
        return [UUID(each["id"]) for each in answer.json()["data"]]

    assert found("") == [other.pk, payment.pk]
    assert found(f"account_id={account.pk}") == found(f"invoice_id={payment.invoice_id}") == [payment.pk]
    assert found("status=PENDING") == [other.pk]
    assert api("get", "/payments?status=LOST").status_code in (400, 422)
    assert api("get", f"/payments/{uuid4()}").status_code == 404


def test_lists_take_as_many_queries_for_one_as_for_many(books: str, api: Any) -> None:
    account = payer()
    known_method(account)
    invoice(100, account=account)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api("get", path).status_code == 200
        return len(captured)

    paths = ("/payments?limit=100", methods(account))
    for path in paths:
        queries(path)
    few = [queries(path) for path in paths]
    for _ in range(20):
        known_method(account)
        invoice(100, account=account)
    assert [queries(path) for path in paths] == few
    assert max(few) <= 6
