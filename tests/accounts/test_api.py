"""/v1/accounts: what is answered, what is refused and how."""

import json
from typing import Any

import pytest
from django.db import connection

from apps.accounts.models import Account
from apps.audit.models import Entry
from apps.clocks.actions import create as make_clock
from apps.events.models import Event
from apps.kernel.actors import system
from tests.accounts.calls import Api, faults
from tests.factories.accounts import AT, make_account

pytestmark = pytest.mark.django_db

BODY = {"email": "ada@example.com", "name": "Ada"}
WHOLE = {
    **BODY,
    "external_key": "crm-1",
    "currency": "EUR",
    "timezone": "Europe/Berlin",
    "locale": "de_DE",
    "country": "DE",
    "address": {"line1": "Weg 1", "line2": "", "city": "Ulm", "region": "BW", "postal_code": "89073"},
    "tax_exempt": True,
    "tax_id": "DE123456789",
    "net_terms_days": 14,
    "invoice_grouping": "subscription",
    "purchase_order": "PO-1",
    "buyer_reference": "04011000-1234512345-35",
    "metadata": {"tier": "gold", "seats": 3, "nested": {"a": [1, None, "ü"]}},
}
WANTED = ("USD", "EUR", "GBP", "CAD", "AUD", "JPY", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "NZD", "SGD", "HKD",
          "INR", "BRL", "MXN", "ZAR", "KWD")  # fmt: skip


@pytest.mark.fr("FR-001")
def test_email_and_name_are_enough(api: Api) -> None:
    answer = api.post("/accounts", BODY)
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["currency"], shown["timezone"], shown["country"], shown["net_terms_days"]) == ("USD", "UTC", "US", 30)
    assert (shown["overdue_status"], shown["dispute_hold"], shown["credit_balance"]) == ("CURRENT", False, 0)
    assert answer["ETag"] == '"v-1"'
    assert shown["url"] == f"/v1/accounts/{shown['id']}"
    assert api.get(f"/accounts/{shown['id']}").json() == shown
    assert api.post("/accounts", BODY).status_code == 201


@pytest.mark.fr("FR-001", "FR-008", "FR-009")
def test_everything_given_is_shown_and_announced(api: Api) -> None:
    shown = api.post("/accounts", WHOLE).json()
    assert {name: shown[name] for name in WHOLE} == WHOLE
    assert Event.objects.get().data["object"] == shown == api.get(f"/accounts/{shown['id']}").json()


@pytest.mark.fr("FR-013", "FR-102")
@pytest.mark.parametrize("currency", WANTED)
def test_the_currencies_that_customers_pay_in(api: Api, currency: str) -> None:
    assert api.post("/accounts", {**BODY, "currency": currency}).json()["currency"] == currency


def test_what_was_answered_can_be_sent_back(api: Api) -> None:
    shown = api.post("/accounts", BODY).json()
    answer = api.patch(f"/accounts/{shown['id']}", {name: shown[name] for name in WHOLE if name != "net_terms_days"})
    assert (answer.status_code, answer["ETag"]) == (200, '"v-1"')
    assert answer.json() == shown


@pytest.mark.fr("FR-006")
def test_a_change_is_announced_and_logged_with_the_key(api: Api) -> None:
    identifier = api.post("/accounts", WHOLE).json()["id"]
    answer = api.patch(f"/accounts/{identifier}", {"name": "Eve", "tax_id": None}, If_Match='"v-1"')
    assert (answer.status_code, answer["ETag"]) == (200, '"v-2"')
    assert answer.json() == api.get(f"/accounts/{identifier}").json()
    event = Event.objects.get(event_type="account.updated")
    assert event.data == {
        "object": answer.json(),
        "previous_attributes": {"name": "Ada", "tax_id": "DE123456789"},
    }
    entry = Entry.objects.filter(table_name="accounts_account", operation="UPDATE").get()
    assert entry.actor == api.actor
    assert (entry.before["tax_id"], entry.after["tax_id"]) == ("DE123456789", "")
    stale = api.patch(f"/accounts/{identifier}", {"name": "Bob"}, If_Match='"v-1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
    assert Account.objects.get().name == "Eve"


@pytest.mark.fr("FR-106", "FR-102")
def test_the_currency_is_fixed(api: Api) -> None:
    account = make_account(currency="EUR")
    answer = api.patch(f"/accounts/{account.pk}", {"currency": "USD", "name": "Eve"})
    assert (answer.status_code, answer.json()["code"]) == (409, "currency_fixed")
    assert faults(answer) == {("/currency", "currency_fixed")}
    assert api.patch(f"/accounts/{account.pk}", {"currency": "EUR"}).status_code == 200
    account.refresh_from_db()
    assert (account.currency, account.name) == ("EUR", "Ada")


def test_an_account_on_a_test_clock_is_made_at_its_time(api: Api) -> None:
    clock = make_clock(name="c", frozen_time=AT, actor=system("tests"))
    answer = api.post("/accounts", {**BODY, "test_clock_id": str(clock.pk)})
    assert answer.json()["test_clock_id"] == str(clock.pk)
    assert Event.objects.get().effective_at == AT
    strange = api.post("/accounts", {**BODY, "test_clock_id": answer.json()["id"]})
    assert faults(strange) == {("/test_clock_id", "test_clock_unknown")}
    moved = api.patch(f"/accounts/{answer.json()['id']}", {"test_clock_id": None})
    assert faults(moved) == {("/test_clock_id", "unknown_field")}


@pytest.mark.fr("FR-010")
def test_all_faults_are_told_at_once(api: Api) -> None:
    answer = api.post("/accounts", {
        "email": "no address", "external_key": " x", "currency": "usd", "timezone": "Mars/Base", "locale": "xx_??",
        "country": "Germany", "address": {"line1": 5, "planet": "Mars", "city": None}, "tax_exempt": "yes",
        "tax_id": 5, "net_terms_days": -1, "invoice_grouping": "account", "metadata": [], "emial": "a@b.de",
        "test_clock_id": "1", "overdue_status": "BLOCKED",
    })  # fmt: skip
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert faults(answer) == {
        ("/email", "invalid"), ("/name", "required"), ("/external_key", "invalid"), ("/currency", "currency_unknown"),
        ("/timezone", "timezone_unknown"), ("/locale", "locale_unknown"), ("/country", "country_unknown"),
        ("/address/line1", "wrong_type"), ("/address/planet", "unknown_field"), ("/address/city", "null_not_allowed"),
        ("/tax_exempt", "wrong_type"), ("/tax_id", "wrong_type"), ("/net_terms_days", "too_small"),
        ("/invoice_grouping", "invalid_choice"), ("/metadata", "wrong_type"), ("/emial", "unknown_field"),
        ("/test_clock_id", "invalid"), ("/overdue_status", "unknown_field"),
    }  # fmt: skip
    assert answer.json()["hint"]
    assert Account.objects.count() == 0


@pytest.mark.fr("FR-010")
@pytest.mark.parametrize("email", ["", "ada", "ada@", "@b.de", "a b@c.de", "ada@b", 5, None, f"{'a' * 250}@b.de"])
def test_what_is_no_email_address_is_refused(api: Api, email: Any) -> None:
    account = make_account()
    made = api.post("/accounts", {**BODY, "email": email})
    for answer in (made, api.patch(f"/accounts/{account.pk}", {"email": email})):
        assert answer.status_code == 422
        assert {pointer for pointer, _ in faults(answer)} == {"/email"}


@pytest.mark.fr("FR-008")
@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({str(number): 1 for number in range(51)}, "metadata_too_many_keys"),
        ({"a": "x" * 16384}, "metadata_too_large"),
        ("text", "wrong_type"),
        (None, "null_not_allowed"),
    ],
)
def test_metadata_has_limits(api: Api, metadata: Any, code: str) -> None:
    assert faults(api.post("/accounts", {**BODY, "metadata": metadata})) == {("/metadata", code)}
    assert api.post("/accounts", {**BODY, "metadata": {str(number): 1 for number in range(50)}}).status_code == 201


@pytest.mark.parametrize(
    ("locale", "shown"),
    [("de-DE", "de_DE"), ("ja", "ja"), ("zh_TW", "zh_TW"), ("xx_YY", None), ("en_US@x", None), ("e", None)],
)
def test_locales_are_those_that_can_be_written_in(api: Api, locale: str, shown: str | None) -> None:
    answer = api.post("/accounts", {**BODY, "locale": locale})
    if shown is None:
        assert faults(answer) == {("/locale", "locale_unknown")}
    else:
        assert answer.json()["locale"] == shown


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "malformed_json"),
        ('{"email": "a@b.de", "email": "c@d.de"}', 400, "malformed_json"),
        (b"\xff", 400, "malformed_json"),
        ("[]", 422, "invalid"),
        ("null", 422, "invalid"),
        ('{"email": "a@b.de", "name": "a\\u0000b"}', 422, "invalid_character"),
        (json.dumps({**BODY, "metadata": {"a": "x" * 1024 * 1024}}), 413, "body_too_large"),
    ],
)
def test_bodies_that_cannot_be_taken(api: Api, body: str | bytes, status: int, code: str) -> None:
    answer = api.post("/accounts", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["hint"]


@pytest.mark.fr("FR-004")
@pytest.mark.parametrize(
    "change",
    [
        {"name": "Ada 4242 4242 4242 4242"},
        {"address": {"line2": "5555-5555-5555-4444"}},
        {"metadata": {"a": [{"b": 4242424242424242}]}},
        {"metadata": {"card": {"cvc": "123"}}},
        {"purchase_order": "378282246310005"},
        {"nonsense": "4242424242424242"},
    ],
)
def test_card_data_is_refused_wherever_it_stands(
    api: Api, change: dict[str, Any], capfd: Any, caplog: pytest.LogCaptureFixture
) -> None:
    account = make_account()
    numbers = ("4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444", "378282246310005", '"123"')
    for answer in (
        api.post("/accounts", {**BODY, **change}, Idempotency_Key="card"),
        api.patch(f"/accounts/{account.pk}", change),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "card_data_refused")
        assert "payment_method_token" in answer.json()["hint"]
        assert not any(number in answer.content.decode() for number in numbers)
    logged = "".join(capfd.readouterr()) + caplog.text
    assert not any(number in logged + _whole_database() for number in numbers)


def test_who_may_what(api: Api) -> None:
    account = make_account()
    path = f"/accounts/{account.pk}"
    assert [Api(None).get(path).status_code, Api(None).post("/accounts", BODY).status_code] == [401, 401]
    for role, status in (("billing_admin", 403), ("finance_viewer", 403), ("support_rep", 200)):
        caller = Api(role)
        assert caller.get(path).status_code == caller.get("/accounts").status_code == 200
        assert caller.patch(path, {"name": role}).status_code == status
        assert caller.post("/accounts", BODY).status_code == (201 if status == 200 else 403)


def test_unknown_paths_and_methods(api: Api) -> None:
    for path in ("/accounts/01980000-0000-7000-8000-000000000001", "/accounts/1", "/accounts/x%00y"):
        assert [api.get(path).status_code, api.patch(path, {"name": "x"}).status_code] == [404, 404]
    assert api("put", f"/accounts/{make_account().pk}", BODY).status_code == 405


@pytest.mark.fr("FR-001")
def test_a_taken_external_key_is_refused(api: Api) -> None:
    make_account(external_key="crm-1")
    other = make_account()
    for answer in (
        api.post("/accounts", {**BODY, "external_key": "crm-1"}),
        api.patch(f"/accounts/{other.pk}", {"external_key": "crm-1"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "external_key_taken")
        assert faults(answer) == {("/external_key", "external_key_taken")}


def test_a_repeated_request_is_answered_once_more_and_done_once(api: Api) -> None:
    first = api.post("/accounts", WHOLE, Idempotency_Key="one")
    second = api.post("/accounts", WHOLE, Idempotency_Key="one")
    assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (201, 201, "true")
    assert (second.json(), second["ETag"]) == (first.json(), first["ETag"])
    assert Account.objects.count() == Event.objects.count() == 1
    assert api.post("/accounts", BODY, Idempotency_Key="one").status_code == 422
    refused = [api.post("/accounts", WHOLE, Idempotency_Key="two") for _ in range(2)]
    assert [answer.status_code for answer in refused] == [409, 409]


def _whole_database() -> str:
    """Every row of every table of ours, as text."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith("djstripe")]
        texts = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, chr(10)), '') FROM \"{table}\" AS t")
            texts.append(cursor.fetchone()[0])
    return "\n".join(texts)


@pytest.mark.fr("FR-004")
def test_a_card_number_as_a_key_is_refused_and_kept_nowhere() -> None:
    api = Api()
    api.headers["Idempotency-Key"] = "4000 0566 5566 5556"
    answer = api.post("/accounts", BODY)
    assert (answer.status_code, answer.json()["code"]) == (422, "card_data_refused")
    assert not Account.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_idempotentrequest WHERE key LIKE '%4000%'")
        assert cursor.fetchone() == (0,)
