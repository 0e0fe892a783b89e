"""/v1/accounts/export and /v1/accounts/{id}/export: what comes out, for whom, and at what cost."""

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import export, registry
from apps.accounts.models import Account
from apps.accounts.objects import AccountObject
from apps.kernel.ids import uuid7
from apps.notifications.models import Message, Suppression
from tests.accounts.calls import Api, faults
from tests.factories.accounts import make_account
from tests.factories.credits import credit
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method
from tests.factories.subscriptions import make_subscription
from tests.factories.usage import opened, used

pytestmark = pytest.mark.django_db

LIST = "/accounts/export"
HELD = {
    "coupons.Attachment": "coupons",
    "credits.Grant": "credits",
    "dunning.History": "dunning_history",
    "dunning.Hold": "dispute_holds",
    "events.Event": "events",
    "invoices.CreditNote": "credit_notes",
    "invoices.Invoice": "invoices",
    "invoices.PendingItem": "pending_items",
    "notifications.Message": "messages",
    "payments.BankLine": "bank_transfers",
    "payments.Dispute": "disputes",
    "payments.GatewayCustomer": "gateway_customers",
    "payments.Payment": "payments",
    "payments.PaymentMethod": "payment_methods",
    "payments.Refund": "refunds",
    "subscriptions.Subscription": "subscriptions",
}
"""Table that names an account -> the section that holds its rows."""
NOT_HELD = {
    "analytics.MrrMovement": "figures of the seller's, made of the subscriptions that are there",
    "dunning.Entitlement": "what its subscriptions grant",
    "dunning.Exhaustion": "the payments and the history say it",
    "dunning.Standing": "the account shows it",
    "dunning.Watch": "work that waits",
    "ledger.Entry": "the seller's books, made of the documents that are there",
    "payments.Difference": "a task of the seller's",
    "usage.MeterWindow": "the subscription's terms",
}
"""Table that names an account -> why an export has no section of it."""


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content).decode()


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(answer))))


def many(number: int) -> None:
    """Accounts that differ in what must differ."""
    Account.objects.bulk_create(
        Account(email=f"{n}@example.com", name=f"N{n}", currency="USD", timezone="UTC", locale="en_US", country="US")
        for n in range(number)
    )


@pytest.mark.fr("FR-015")
def test_the_list_as_csv(api: Api) -> None:
    address = {"line1": "1 Main St", "city": 'New "York"', "region": "NY", "postal_code": "01234"}
    one = make_account(name="=cmd|'/c calc'!A1", address=address, metadata={"tier": "gold"}, tax_exempt=True)
    two = make_account(name="Zoë,\nGmbH", external_key="+49 30 1234", email="b@example.com")
    answer = api.get(LIST)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="accounts.csv"'
    found = rows(answer)
    assert [row["id"] for row in found] == [str(one.pk), str(two.pk)]
    first, second = found
    assert first["name"] == "'=cmd|'/c calc'!A1"
    assert (first["address_line1"], first["address_city"], first["address_postal_code"]) == (
        "1 Main St", 'New "York"', "01234",
    )  # fmt: skip
    assert (json.loads(first["metadata"]), first["tax_exempt"], first["external_key"]) == (
        {"tier": "gold"}, "true", "",
    )  # fmt: skip
    assert (second["name"], second["external_key"], second["dispute_hold"]) == ("Zoë,\nGmbH", "'+49 30 1234", "false")
    shown = set(AccountObject.__struct_fields__) - {"address"}
    assert set(first) == shown | {f"address_{part}" for part in export.ADDRESS}


@pytest.mark.fr("FR-015")
def test_the_list_as_json_is_what_the_list_answers(api: Api) -> None:
    accounts = [make_account(email=f"{number}@example.com") for number in range(3)]
    credit(accounts[0], 500)
    answer = api.get(f"{LIST}?format=json")
    assert answer.headers["Content-Type"] == "application/json"
    whole = text(answer)
    assert json.loads(whole)["data"] == api.get("/accounts").json()["data"][::-1]
    assert len(whole.splitlines()) == 4
    assert json.loads(text(api.get(f"{LIST}?format=json&email=none@example.com"))) == {"data": []}


@pytest.mark.fr("FR-015")
def test_five_thousand_accounts_come_out_once_each(api: Api) -> None:
    many(5_000)
    ids = [row["id"] for row in rows(api.get(LIST))]
    assert ids == [str(pk) for pk in Account.objects.order_by("pk").values_list("pk", flat=True)]
    assert len(set(ids)) == 5_000
    assert [each["id"] for each in json.loads(text(api.get(f"{LIST}?format=json")))["data"]] == ids


@pytest.mark.fr("FR-015")
def test_the_list_costs_queries_by_the_piece_not_by_the_row(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PIECE", 50)
    many(149)
    api.get(LIST)

    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            text(api.get(f"{LIST}?{query}"))
        return len(asked)

    # The key; of each piece its rows, and what payments and credits contribute.
    assert cost("format=csv") == cost("format=json") == 1 + 3 * 3
    monkeypatch.setattr(export, "PIECE", 200)
    assert cost("format=csv") == 1 + 3


def test_what_is_added_while_a_client_reads_neither_repeats_nor_hides(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PIECE", 2)
    many(4)
    before = {str(pk) for pk in Account.objects.values_list("pk", flat=True)}
    parts = iter(api.get(LIST).streaming_content)
    read = [next(parts), next(parts)]
    late = make_account(name="late")
    found = [row["id"] for row in csv.DictReader(io.StringIO(b"".join([*read, *parts]).decode()))]
    assert set(found) == before | {str(late.pk)}
    assert len(found) == 5


@pytest.mark.parametrize("format", ["csv", "json"])
def test_what_the_database_cannot_compare_is_refused_before_anything_is_sent(api: Api, format: str) -> None:
    answer = api.get(f"{LIST}?format={format}&created_after=0071-02-16T01:26:59-17:10")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


@pytest.mark.fr("FR-015")
def test_the_filters_are_those_of_the_list(api: Api) -> None:
    make_account(name="gold", email="Ada@example.com", metadata={"tier": "gold"})
    make_account(name="iron", currency="EUR", metadata={"tier": "iron"})

    def names(query: str) -> list[str]:
        return [row["name"] for row in rows(api.get(f"{LIST}?{query}"))]

    assert names("metadata[tier]=gold") == names("email=ada@example.com&currency=USD") == ["gold"]
    assert names("currency=EUR") == ["iron"]
    assert names("created_after=2100-01-01T00:00:00Z") == []
    assert faults(api.get(f"{LIST}?format=xls")) == {("?format", "invalid_choice")}
    assert faults(api.get(f"{LIST}?limit=3")) == {("?limit", "unknown_parameter")}
    assert faults(api.get(f"{LIST}?id=1")) == {("?id", "invalid")}
    assert api.get(LIST, Accept="application/xml").status_code == 406


@pytest.mark.fr("FR-015")
@pytest.mark.parametrize(
    ("role", "status"),
    [("super_admin", 200), ("billing_admin", 200), ("finance_viewer", 200), ("support_rep", 403)],
)
def test_who_exports_may_read_accounts_and_export(role: str, status: int) -> None:
    api, account = Api(role), make_account()
    assert api.get(f"/accounts/{account.pk}").status_code == 200
    for path in (LIST, f"/accounts/{account.pk}/export"):
        answer = api.get(path)
        assert answer.status_code == status
        if status == 403:
            assert answer.json()["code"] == "forbidden"
    assert Api(None).get(LIST).status_code == 401


@pytest.mark.fr("FR-015")
def test_a_customers_token_exports_nothing(api: Api) -> None:
    account = make_account()
    body = {"grant_type": "customer", "account_id": str(account.pk)}
    token = api.post("/auth/token", body).json()["access_token"]
    customer = Api(None)
    customer.headers = {"Authorization": f"Bearer {token}"}
    assert customer.get(f"/accounts/{account.pk}").status_code == 200
    for path in (LIST, f"/accounts/{account.pk}/export"):
        assert customer.get(path).status_code == 403


def lived() -> Account:
    """An account that something of most kinds is held about."""
    account = payer(external_key="crm-1")
    known_method(account)
    known_method(account, status="DETACHED", is_default=False)
    subscription = make_subscription(account=account)
    invoice(1200, account=account)
    credit(account, 500)
    window = opened(subscription_id=subscription.pk)
    used(window.subscription_id, 2, 3)
    Message.objects.create(
        account=account,
        kind="invoice_created",
        cause_id=uuid7(),
        to="Old@example.com",
        subject="Your invoice",
        text="Hi",
    )
    Suppression.objects.create(address="old@example.com", scope="all", cause="bounced", actor="system:tests")
    return account


@pytest.mark.fr("FR-015")
def test_one_account_whole(api: Api) -> None:
    account, other = lived(), lived_elsewhere()
    answer = api.get(f"/accounts/{account.pk}/export")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="account-{account.pk}.json"'
    whole = text(answer)
    held = json.loads(whole)
    assert held["account"] == api.get(f"/accounts/{account.pk}").json()
    assert held["invoices"] == api.get(f"/invoices?account_id={account.pk}").json()["data"][::-1]
    assert held["invoices"][0]["lines"]
    [subscription] = held["subscriptions"]
    assert subscription["history"][0]["event_type"] == "subscription.created"
    assert [method["status"] for method in held["payment_methods"]] == ["ACTIVE", "DETACHED"]
    assert [each["amount"] for each in held["credits"]] == [500]
    assert sorted(each["quantity"] for each in held["usage"]) == ["2", "3"]
    assert [(each["to"], each["text"]) for each in held["messages"]] == [("Old@example.com", "Hi")]
    assert [each["cause"] for each in held["suppressions"]] == ["bounced"]
    assert {"account.created", "invoice.created", "credit.created"} <= {each["event_type"] for each in held["events"]}
    assert str(other.pk) not in whole
    assert api.get(f"/accounts/{uuid7()}/export").status_code == 404
    assert faults(api.get(f"/accounts/{account.pk}/export?format=csv")) == {("?format", "unknown_parameter")}


def lived_elsewhere() -> Account:
    """A neighbour with the same of all."""
    account = payer(email="eve@example.com")
    invoice(700, account=account)
    credit(account, 300)
    return account


@pytest.mark.fr("FR-015")
def test_one_account_costs_queries_by_the_piece(api: Api) -> None:
    account = payer()

    def cost() -> int:
        answer = api.get(f"/accounts/{account.pk}/export")
        with CaptureQueriesContext(connection) as asked:
            text(answer)
        return len(asked)

    for _ in range(2):
        invoice(700, account=account)
        credit(account, 300)
    few = cost()
    for _ in range(8):
        invoice(700, account=account)
        credit(account, 300)
    assert cost() == few


@pytest.mark.fr("FR-015")
def test_every_table_that_names_an_account_is_exported_or_says_why_not() -> None:
    naming = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("apps.")
        for field in model._meta.get_fields()
        if not field.auto_created and (field.name == "account_id" or field.related_model is Account)
    }
    assert naming == HELD.keys() | NOT_HELD.keys()
    # Found by the account's subscriptions, credits, addresses and VAT number.
    besides = {"credit_uses", "suppressions", "tax_id_checks", "usage"}
    assert set(registry.SECTIONS) == set(HELD.values()) | besides


def test_a_section_has_one_contributor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "SECTIONS", {})

    def nothing(account_id: UUID) -> Any:
        return Account.objects.none()

    registry.section("a", AccountObject, rows=nothing, show=lambda rows: [])
    with pytest.raises(ValueError, match="section a of an account's export is contributed already"):
        registry.section("a", AccountObject, rows=nothing, show=lambda rows: [])
