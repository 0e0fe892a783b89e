"""/v1/reconciliation/differences: read, mended and dismissed; by role, with bad input, twice and at once."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.actions import create_api_key
from apps.access.rules import Role, may
from apps.kernel import clock
from apps.payments.actions import differences
from apps.payments.models import Difference, GatewayMovement, Payment
from tests.backoffice.desk import actors
from tests.factories.invoices import invoice, payer
from tests.factories.payments import ACTOR, known_method, opened

LIST = "/reconciliation/differences"


def failed() -> Payment:
    """A payment that failed here."""
    account = payer()
    known_method(account)
    payment = opened(invoice(4900, account=account))
    Payment.objects.filter(pk=payment.pk).update(
        status="FAILED", settled_at=clock.wall(), next_call_at=None, failure_code="insufficient_funds"
    )
    return payment


def difference(payment: Payment | None = None, **fields: Any) -> Difference:
    """What the gateway charged for a payment that failed here, as a look has found it."""
    payment = payment or failed()
    charge_id = f"pi_{uuid4().hex}"
    GatewayMovement.objects.create(
        gateway_id=f"txn_{uuid4().hex}", side="charge", amount=4900, currency="USD", charge_id=charge_id,
        source_id="ch_1", payment_id=payment.pk, at=clock.wall(),
    )  # fmt: skip
    given = {"kind": "charge_not_recorded", "fix": "record", "outside_amount": 4900, "our_amount": 0, **fields}
    return Difference.objects.create(
        subject=charge_id, account=payment.account, payment=payment, outside_currency="USD", our_currency="USD",
        seen_at=clock.wall(), **given,
    )  # fmt: skip


@pytest.mark.fr("FR-071", "B-11")
def test_a_difference_is_shown_and_mended(books: str, api: Any) -> None:
    row = difference()
    shown = api("get", f"{LIST}/{row.pk}").json()
    assert shown == {
        "id": str(row.pk), "kind": "charge_not_recorded", "subject": row.subject, "status": "OPEN", "fix": "record",
        "account_id": str(row.account_id), "payment_id": str(row.payment_id), "outside_amount": 4900,
        "outside_currency": "USD", "our_amount": 0, "our_currency": "USD", "reason": None,
        "seen_at": shown["seen_at"], "closed_at": None, "closed_by": None, "created_at": shown["created_at"],
        "url": f"/v1{LIST}/{row.pk}",
    }  # fmt: skip
    answer = api("post", f"{LIST}/{row.pk}/apply", {}, Idempotency_Key="once")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["status"], answer.json()["reason"]) == ("RESOLVED", "Recorded as the gateway has it.")
    assert api("post", f"{LIST}/{row.pk}/apply", {}, Idempotency_Key="once").headers["Idempotent-Replayed"] == "true"
    again = api("post", f"{LIST}/{row.pk}/apply", {})
    assert (again.status_code, again.json()["code"]) == (409, "difference_closed")
    payment = Payment.objects.get()
    assert (payment.status, payment.gateway_transaction_id) == ("SUCCEEDED", row.subject)
    assert len(actors("payments_difference", row.pk)) == 1


@pytest.mark.fr("B-11")
def test_what_cannot_be_mended_is_refused(books: str, api: Any) -> None:
    by_hand, changed = difference(fix="by_hand"), difference(outside_amount=4800)
    gone = difference(kind="refunds_differ", fix="look_again")
    for row, code in ((by_hand, "difference_by_hand"), (changed, "difference_changed")):
        answer = api("post", f"{LIST}/{row.pk}/apply", {})
        assert (answer.status_code, answer.json()["code"], bool(answer.json()["hint"])) == (409, code, True)
    answer = api("post", f"{LIST}/{gone.pk}/apply", {})
    assert (answer.status_code, answer.json()["status"]) == (200, "RESOLVED")
    assert answer.json()["reason"] == "Both sides agree by now."
    assert set(Payment.objects.values_list("status", flat=True)) == {"FAILED"}


@pytest.mark.fr("B-11")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reason": "A shop's own till"}, 200), ({}, 422), ({"reason": ""}, 422), ({"reason": "x" * 501}, 422),
        ({"reason": 7}, 422), ({"reason": "a\0b"}, 422), ({"reason": "x", "status": "OPEN"}, 422), (b"{", 400),
    ],
)  # fmt: skip
def test_dismissed_with_a_reason(books: str, api: Any, body: Any, status: int) -> None:
    row = difference()
    answer = api("post", f"{LIST}/{row.pk}/dismiss", body)
    assert answer.status_code == status, answer.content
    row.refresh_from_db()
    assert row.status == ("DISMISSED" if status == 200 else "OPEN")
    if status == 200:
        assert (answer.json()["reason"], answer.json()["closed_by"]) == ("A shop's own till", row.closed_by)
        again = api("post", f"{LIST}/{row.pk}/dismiss", body)
        assert (again.status_code, again.json()["code"]) == (409, "difference_closed")


def test_the_list_is_filtered_and_costs_the_same_whatever_it_shows(books: str, api: Any) -> None:
    rows = [difference() for _ in range(3)]
    Difference.objects.filter(pk=rows[0].pk).update(
        status="DISMISSED", reason="x", closed_by="x", closed_at=clock.wall()
    )
    assert [each["id"] for each in api("get", f"{LIST}?status=OPEN").json()["data"]] == [
        str(rows[2].pk), str(rows[1].pk),
    ]  # fmt: skip
    assert len(api("get", f"{LIST}?account_id={rows[1].account_id}").json()["data"]) == 1
    assert api("get", f"{LIST}?kind=refunds_differ").json()["data"] == []
    for wrong in ("kind=rumour", "status=LOST", "account_id=x", "colour=red"):
        assert api("get", f"{LIST}?{wrong}").status_code == 422, wrong
    with CaptureQueriesContext(connection) as one:
        api("get", f"{LIST}?limit=1")
    with CaptureQueriesContext(connection) as all_of_them:
        api("get", LIST)
    assert len(one) == len(all_of_them)
    for name in ("", "/apply", "/dismiss"):
        verb, body = ("post", {"reason": "x"} if "dismiss" in name else {}) if name else ("get", None)
        assert api(verb, f"{LIST}/{uuid4()}{name}", body).status_code == 404


@pytest.mark.fr("FR-139")
@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_by_role(role: Role) -> None:
    row = difference()
    key = create_api_key(name="t", role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)[1]
    client = Client(headers={"Authorization": f"Bearer {key}"})
    assert client.get(f"/v1{LIST}").status_code == (200 if may(role, "reconciliation", "read") else 403)
    write = may(role, "reconciliation", "write")
    answer = client.post(f"/v1{LIST}/{row.pk}/dismiss", {"reason": "x"}, content_type="application/json")
    assert answer.status_code == (200 if write else 403)
    assert client.post(f"/v1{LIST}/{row.pk}/apply", {}, content_type="application/json").status_code == (
        409 if write else 403
    )
    assert Client().get(f"/v1{LIST}").status_code == 401


@pytest.mark.fr("B-11")
def test_two_who_press_at_once_record_it_once(books: str, api: Any) -> None:
    row = difference()
    answers: list[int] = []

    def press() -> None:
        answers.append(api("post", f"{LIST}/{row.pk}/apply", {}).status_code)
        connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409, 409]
    assert Payment.objects.get().status == "SUCCEEDED"


@pytest.mark.fr("B-11")
def test_killed_in_the_middle_nothing_is_done_and_the_next_click_does_all(
    books: str, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = difference()

    def killed(*args: Any, **given: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(differences, "close", killed)
        with pytest.raises(KeyboardInterrupt):
            differences.apply(difference_id=row.pk, actor=ACTOR)
    row.refresh_from_db()
    assert (row.status, Payment.objects.get().status) == ("OPEN", "FAILED")
    assert api("post", f"{LIST}/{row.pk}/apply", {}).json()["status"] == "RESOLVED"
    assert Payment.objects.get().status == "SUCCEEDED"
