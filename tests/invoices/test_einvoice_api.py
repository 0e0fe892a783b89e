"""E-invoices by the API: who gets them, how often, and what does not change them."""

import threading
from uuid import uuid4

import pytest
from django.db import connections

from apps.credits.actions.grant import grant
from apps.invoices.actions.apply import apply_now
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.settle import record_payment
from apps.invoices.einvoice.rendering import Syntax, render, render_credit_note
from apps.invoices.models import Invoice
from tests.accounts.calls import Api, faults
from tests.factories.einvoices import bill, credited, plain, selling
from tests.factories.invoices import ACTOR, AT


@pytest.mark.fr("FR-056")
@pytest.mark.django_db
def test_an_invoice_as_json_pdf_and_e_invoice() -> None:
    api, one = Api("finance_viewer"), plain()
    assert api.get(f"/invoices/{one.pk}").json()["number"] == one.number
    assert api.get(f"/invoices/{one.pk}/pdf").content[:5] == b"%PDF-"
    answer = api.get(f"/invoices/{one.pk}/xml")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="INV-2026-000001.xml"'
    assert answer.content == render(one) == api.get(f"/invoices/{one.pk}/xml?format=ubl").content
    assert api.get(f"/invoices/{one.pk}/xml?format=cii").content == render(one, Syntax.CII)
    again = api.get(f"/invoices/{one.pk}/xml", If_None_Match=answer.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.django_db
def test_a_credit_note_too() -> None:
    api, one = Api(), plain()
    note = credit_note(invoice_id=one.pk, amount=1000, reason="a day", at=AT, actor=ACTOR)
    answer = api.get(f"/credit-notes/{note.pk}/xml?format=cii", Accept="application/xml")
    assert answer.content == render_credit_note(note, Syntax.CII)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="CN-2026-000001.xml"'
    assert api.get(f"/credit-notes/{note.pk}/xml?format=edi").status_code == 422


@pytest.mark.django_db
def test_refusals_are_problem_documents() -> None:
    api, one = Api("support_rep"), plain()
    path = f"/invoices/{one.pk}/xml"
    answers = [
        api.get(f"/invoices/{uuid4()}/xml", Accept="application/xml"), api.get(f"{path}?format=zugferd"),
        api.get(f"{path}?syntax=ubl"), api.get(path, Accept="application/json"), Api(None).get(path), api.post(path),
    ]  # fmt: skip
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (404, "not_found"), (422, "format_unknown"), (422, "unknown_parameter"), (406, "not_acceptable"),
        (401, "unauthenticated"), (405, "method_not_allowed"),
    ]  # fmt: skip
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}


@pytest.mark.django_db
def test_what_is_missing_is_entered_and_then_it_comes() -> None:
    api = Api()
    selling(number="")
    one = bill()
    refused = api.get(f"/invoices/{one.pk}/xml")
    assert (refused.status_code, refused.json()["code"]) == (409, "einvoice_incomplete")
    assert faults(refused) == {("/seller/tax_id", "einvoice_term_missing")}
    assert "BT-31" in refused.json()["errors"][0]["detail"]
    body = {"country": "FR", "tax_id": "FR40303265045", "valid_from": "2026-01-01"}
    assert api.post("/tax/registrations", body).status_code == 201
    assert b"FR40303265045" in api.get(f"/invoices/{one.pk}/xml").content


@pytest.mark.django_db
def test_a_void_invoice_is_refused() -> None:
    one = plain()
    Invoice.objects.filter(pk=one.pk).update(status="VOID", voided_at=AT)
    answer = Api().get(f"/invoices/{one.pk}/xml")
    assert (answer.status_code, answer.json()["code"]) == (409, "invoice_void")


def test_it_stays_as_it_was_issued(committed_db: str) -> None:
    """What is paid later, by money or by credit, does not change what was sent: at the same instant even."""
    one = credited()
    before = {syntax: render(one, syntax) for syntax in Syntax}
    assert b">10.00</cbc:PrepaidAmount>" in before[Syntax.UBL]
    grant(account_id=one.account_id, amount=2000, currency="EUR", reason="more", at=AT, actor=ACTOR)
    apply_now(invoice_id=one.pk, at=AT, actor=ACTOR)
    record_payment(invoice_id=one.pk, payment_id=uuid4(), amount=500, paid_at=AT, actor=ACTOR)
    assert {syntax: render(Invoice.objects.get(pk=one.pk), syntax) for syntax in Syntax} == before


def test_many_at_once_get_the_same(committed_db: str) -> None:
    one = plain()
    made: list[bytes] = []

    def make() -> None:
        try:
            made.extend(render(one, syntax) for syntax in Syntax)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert (len(made), len(set(made))) == (8, 2)
