"""/v1/tax/ids"""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.actions import create_api_key
from apps.access.rules import Role, may
from apps.kernel import clock
from apps.tax.models import Consultation, TaxId
from apps.tax.vat_rules import Status
from tests.factories.accounts import make_account
from tests.factories.tax import ACTOR, answered, registered
from tests.stripe_sandbox.conftest import Sandbox

pytestmark = pytest.mark.django_db

PATH = "/v1/tax/ids"


def client(role: str = "billing_admin", **headers: str) -> Client:
    _, key = create_api_key(name="check", role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)
    return Client(headers={"Authorization": f"Bearer {key}", **headers})


def post(caller: Client, body: Any, **headers: str) -> Any:
    return caller.post(PATH, body, content_type="application/json", headers=headers)


@pytest.mark.fr("FR-100")
def test_a_number_is_checked_and_shown(register: Sandbox) -> None:
    registered("DE", tax_id="DE136695976")
    caller = client()
    answer = post(caller, {"tax_id": "FR 40 303 265 045"})
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    assert {name: shown[name] for name in ("tax_id", "country", "status", "name", "requester", "error")} == {
        "tax_id": "FR40303265045", "country": "FR", "status": "VALID", "name": "Company FR40303265045",
        "requester": "DE136695976", "error": None,
    }  # fmt: skip
    assert shown["consultation_number"].startswith("WAPI")
    assert shown["checked_at"]
    assert caller.get(shown["url"]).json() == shown
    assert caller.get(PATH).json()["data"] == [shown]
    assert post(caller, {"tax_id": "fr40303265045"}).json() == shown, "as it was told within the day"
    assert Consultation.objects.count() == 1


@pytest.mark.fr("FR-100")
def test_while_vies_is_away_a_number_is_pending(register: Sandbox) -> None:
    shown = post(client(), {"tax_id": "LU30000070"}).json()
    assert (shown["status"], shown["checked_at"], shown["consultation_number"]) == ("PENDING", None, None)
    assert (shown["error"], shown["next_check_at"] is not None) == ("VIES says SERVICE_UNAVAILABLE.", True)


@pytest.mark.fr("FR-100")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"tax_id": "DE136695977"}, "tax_id_invalid"), ({"tax_id": "GB980780684"}, "tax_id_invalid"),
        ({"tax_id": ""}, "blank"), ({"tax_id": 5}, "wrong_type"), ({}, "required"), ({"tax_id": None}, "null"),
        ({"tax_id": "D" * 65}, "too_long"), ({"tax_id": "DE1\x00"}, "null_characters_not_allowed"),
    ],
)  # fmt: skip
def test_a_body_without_a_number(body: Any, code: str) -> None:
    answer = post(client(), body)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["errors"][0]["pointer"] == "/tax_id"
    assert problem["hint"]
    if code == "tax_id_invalid":
        assert problem["code"] == code
    assert not TaxId.objects.exists()


def test_the_same_key_answers_the_same(register: Sandbox) -> None:
    caller = client()
    first = post(caller, {"tax_id": "FR40303265045"}, **{"Idempotency-Key": "vat-1"})
    again = post(caller, {"tax_id": "FR40303265045"}, **{"Idempotency-Key": "vat-1"})
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = post(caller, {"tax_id": "ATU13585627"}, **{"Idempotency-Key": "vat-1"})
    assert other.status_code == 422


def test_the_list_is_narrowed(register: Sandbox) -> None:
    answered("FR40303265045")
    answered("EL094259216", Status.INVALID)
    make_account(tax_id="DE136695976")
    caller = client()

    def found(**query: Any) -> list[str]:
        return [each["tax_id"] for each in caller.get(PATH, query).json()["data"]]

    assert found() == ["DE136695976", "EL094259216", "FR40303265045"]
    assert found(status="VALID") == ["FR40303265045"]
    assert found(status="PENDING") == ["DE136695976"]
    assert found(country="GR") == ["EL094259216"]
    assert found(tax_id="gr 094 259 216") == ["EL094259216"]
    assert found(tax_id="nothing") == []
    assert caller.get(PATH, {"status": "PERHAPS"}).status_code == 422
    page = caller.get(PATH, {"limit": 2}).json()
    assert page["has_more"]
    assert found(cursor=page["next_cursor"]) == ["FR40303265045"]


def test_a_page_costs_the_same_however_long(register: Sandbox) -> None:
    caller = client()
    caller.get(PATH)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert caller.get(PATH).status_code == 200
        return sum("tax_" in str(query["sql"]) for query in captured)

    answered("FR40303265045")
    one = statements()
    for text in ("EL094259216", "DE136695976", "ATU13585627"):
        answered(text)
    assert statements() == one == 1


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", list(Role))
def test_who_may(role: Role, register: Sandbox) -> None:
    row, caller = answered("FR40303265045"), client(role)
    assert caller.get(PATH).status_code == (200 if may(role, "tax_rates", "read") else 403)
    assert caller.get(f"{PATH}/{row.pk}").status_code == (200 if may(role, "tax_rates", "read") else 403)
    wanted = 200 if may(role, "tax_rates", "write") else 403
    assert post(caller, {"tax_id": "ATU13585627"}).status_code == wanted
    assert TaxId.objects.filter(number="ATU13585627").exists() == (wanted == 200)
    assert Client().get(PATH).status_code == 401
    assert caller.get(f"{PATH}/nothing").status_code == 404
