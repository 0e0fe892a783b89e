"""POST /v1/bank-statements and assign: previewed, recorded once, refused when malformed or not allowed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from apps.access.actions import create_api_key
from apps.access.rules import Role, may
from apps.kernel import clock
from apps.payments.models import BankLine, Difference, Payment
from tests.factories.invoices import invoice, payer
from tests.factories.payments import ACTOR

PATH = "/bank-statements"
DAY = "2026-04-03"


def line(reference: str, amount: int = 4900, **fields: Any) -> dict[str, Any]:
    return {"booked_on": DAY, "amount": amount, "currency": "USD", "reference": reference, **fields}


@pytest.mark.fr("FR-070")
def test_previewed_and_then_recorded(books: str, api: Any) -> None:
    one = invoice(4900, account=payer())
    body = {"name": "april", "lines": [line(f"Thanks for {one.number}", payer="Ada"), line("what is this")]}
    shown = api("post", PATH, {**body, "preview": True})
    assert shown.status_code == 200, shown.content
    wanted = [
        {"line": 1, "does": "full", "account_id": str(one.account_id), "invoice_id": str(one.pk),
         "invoice_number": one.number, "left": 0, "credit": 0, "why": None},
        {"line": 2, "does": "nothing", "account_id": None, "invoice_id": None, "invoice_number": None, "left": 0,
         "credit": 0, "why": "It names no invoice and no account."},
    ]  # fmt: skip
    assert shown.json() == {"recorded": 0, "tasks": 0, "known": 0, "lines": wanted}
    assert not BankLine.objects.exists()
    done = api("post", PATH, body, Idempotency_Key="a").json()
    assert done == {"recorded": 1, "tasks": 1, "known": 0, "lines": wanted}
    again = api("post", PATH, body).json()
    assert ((again["recorded"], again["known"]), [each["does"] for each in again["lines"]]) == ((0, 2), ["known"] * 2)
    assert Payment.objects.get().reference == f"Thanks for {one.number}"
    other = payer(name="Grace")
    invoice(1000, account=other)
    task = Difference.objects.get()
    assigned = api("post", f"/reconciliation/differences/{task.pk}/assign", {"account_id": str(other.pk)})
    assert (assigned.status_code, assigned.json()["status"]) == (200, "RESOLVED"), assigned.content
    second = api("post", f"/reconciliation/differences/{task.pk}/assign", {"account_id": str(other.pk)})
    assert (second.status_code, second.json()["code"]) == (409, "difference_closed")


@pytest.mark.fr("FR-070")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": "a", "lines": []}, {"name": "a", "lines": [line("x", 0)]}, {"name": "a", "lines": [line("x", -5)]},
        {"name": "a", "lines": [line("x", currency="XXX")]}, {"name": "a", "lines": [line("x" * 256)]},
        {"name": "a", "lines": [line("x", booked_on="3 April")]}, {"name": "a", "lines": [line("x", colour="red")]},
        {"name": "a", "lines": [line("x")] * 501}, {"name": "a", "lines": "x"},
        {"name": "a", "lines": [line("4242 4242 4242 4242")]},
    ],
)  # fmt: skip
def test_a_statement_that_is_none_is_refused_whole(api: Any, body: Any) -> None:
    answer = api("post", PATH, body)
    assert (answer.status_code, bool(answer.json()["errors"])) == (422, True), answer.content
    assert not BankLine.objects.exists()


@pytest.mark.django_db
def test_whom_a_line_cannot_be_assigned_to(api: Any) -> None:
    api("post", PATH, {"name": "a", "lines": [line("what is this")]})
    path = f"/reconciliation/differences/{Difference.objects.get().pk}"
    euro, bare = payer(currency="EUR"), payer()
    for body, status, code in (
        ({}, 422, "account_unknown"), ({"account_id": str(uuid4())}, 422, "account_unknown"),
        ({"invoice_id": str(uuid4())}, 422, "invoice_unknown"), ({"account_id": str(euro.pk)}, 422, "currency_differs"),
        ({"account_id": str(bare.pk)}, 409, "nothing_billed"), ({"account_id": "x"}, 422, "invalid"),
    ):  # fmt: skip
        answer = api("post", f"{path}/assign", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert api("post", f"{path}/apply", {}).json()["code"] == "difference_to_assign"
    assert (Difference.objects.get().status, Payment.objects.count()) == ("OPEN", 0)


@pytest.mark.fr("FR-139")
@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_by_role(role: Role) -> None:
    key = create_api_key(name="t", role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)[1]
    client = Client(headers={"Authorization": f"Bearer {key}"})
    body = {"name": "a", "lines": [line("x")]}
    answer = client.post(f"/v1{PATH}", body, content_type="application/json")
    assert answer.status_code == (200 if may(role, "bank_transfers", "write") else 403)
    assert Client().post(f"/v1{PATH}", body, content_type="application/json").status_code == 401


def test_two_statements_of_the_same_accounts_in_opposite_order(books: str, api: Any) -> None:
    """A repeated request is one transaction with all its lines: each waits for the other's accounts in turn."""
    owing = [invoice(4900, account=payer()) for _ in range(6)]
    lines = [line(f"{one.number} part {part}", 100) for one in owing for part in range(2)]
    nobodys = [line(f"whoever {number}") for number in range(20)]
    gate = Barrier(2)

    def send(number: int) -> int:
        given = [*(each for each in lines if each["reference"].endswith(f"part {number}")), *nobodys]
        gate.wait()
        try:
            body = {"name": f"{number}", "lines": given[:: 1 if number else -1]}
            return api("post", PATH, body, Idempotency_Key=str(number)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, range(2))) == [200, 200]
    assert (Payment.objects.count(), Difference.objects.count()) == (len(lines), len(nobodys))
