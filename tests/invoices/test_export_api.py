"""/v1/invoices/export: what comes out, for whom, and at what cost."""

import csv
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.invoices import export
from tests.accounts.calls import Api, faults
from tests.factories.einvoices import BERLIN, bill, credited, selling
from tests.factories.invoices import draft, invoice, issued, line, payer

pytestmark = pytest.mark.django_db
LIST = "/invoices/export"


@pytest.fixture
def api() -> Api:
    return Api("finance_viewer")


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content).decode()


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(answer))))


@pytest.mark.fr("FR-056")
def test_as_csv_and_as_json(api: Api) -> None:
    one = credited()
    account = payer(**{**BERLIN, "name": "=cmd|'/c calc'!A1", "email": "b@example.com"})
    two = bill(line(100, description="a,b\n"), account=account, metadata={"order": "7"})
    answer = api.get(LIST)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="invoices.csv"'
    first, second = rows(answer)
    assert (first["id"], first["number"], first["total"], first["credits_applied"], first["balance"]) == (
        str(one.pk), one.number, "5831", "1000", "4831",
    )  # fmt: skip
    assert (first["issue_date"], first["paid_at"], first["requires_review"]) == ("2026-04-01", "", "false")
    assert (second["bill_to_name"], json.loads(second["metadata"])) == ("'=cmd|'/c calc'!A1", {"order": "7"})
    shown = api.get(f"/invoices/{two.pk}").json()
    same = ("number", "status", "currency", "subtotal", "discount", "tax", "total", "balance", "created_at", "due_date")
    assert {name: second[name] for name in same} == {name: str(shown[name]) for name in same}
    whole = json.loads(text(api.get(f"{LIST}?format=json")))["data"]
    listed = api.get("/invoices").json()["data"][::-1]
    for each in (*whole, *listed):
        each.pop("hosted_url")
    assert whole == listed


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_filters_of_the_list(api: Api, kind: str) -> None:
    one, _ = invoice(4900), invoice(100, account=payer(email="b@example.com"))
    answer = api.get(f"{LIST}?format={kind}&account_id={one.account_id}&status=OPEN")
    found = rows(answer) if kind == "csv" else json.loads(text(answer))["data"]
    assert [each["id"] for each in found] == [str(one.pk)]


def test_it_costs_queries_by_the_piece(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    account = payer()
    issued([draft(account, line(100 + number)) for number in range(45)])
    monkeypatch.setattr(export, "PIECE", 20)
    api.get(LIST)

    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            text(api.get(f"{LIST}?{query}"))
        return len(asked)

    # The key; of each piece its rows, and for JSON balances, lines and taxes.
    assert cost("format=csv") == 1 + 3
    assert cost("format=json") == 1 + 3 * 4


def test_for_whom() -> None:
    assert Api("support_rep").get(LIST).status_code == 403
    assert Api(None).get(LIST).status_code == 401
    refused = Api().get(f"{LIST}?format=xml")
    assert (refused.status_code, refused.json()["code"], faults(refused)) == (
        422, "format_unknown", {("?format", "invalid_choice")},
    )  # fmt: skip
    assert Api().get(f"{LIST}?since=1").json()["code"] == "unknown_parameter"
    selling()
    assert Account.objects.count() == 0
    assert len(rows(Api("billing_admin").get(LIST))) == 0
