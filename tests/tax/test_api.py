"""/v1/tax/rates and /v1/tax/registrations"""

from typing import Any

import pytest
from django.test import Client

from apps.access.actions import create_api_key
from apps.kernel import clock
from tests.factories.tax import ACTOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def call():
    def make(role: str = "billing_admin") -> Client:
        _, key = create_api_key(name="check", role=role, livemode=False, rate_limit=0, at=clock.wall(), actor=ACTOR)
        return Client(headers={"Authorization": f"Bearer {key}"})

    return make


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/v1/tax/{path}", body, content_type="application/json")


@pytest.mark.fr("FR-097")
def test_a_rate_is_added_and_listed(call):
    client = call()
    made = post(client, "rates", {"jurisdiction": "JP", "name": "JCT", "rate": "10", "valid_from": "2019-10-01"})
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["category"], shown["rate"], shown["valid_from"], shown["valid_to"]) == (
        "standard", "10", "2019-10-01", None,
    )  # fmt: skip
    assert client.get("/v1/tax/rates", {"jurisdiction": "JP", "valid_on": "2026-01-01"}).json()["data"] == [shown]
    assert client.get("/v1/tax/rates", {"jurisdiction": "JP", "valid_on": "2019-09-30"}).json()["data"] == []


def test_a_registration_is_added_once(call):
    client, body = call(), {"country": "DE", "tax_id": "DE123", "valid_from": "2026-01-01"}
    made = post(client, "registrations", body)
    assert made.status_code == 201, made.content
    assert client.get("/v1/tax/registrations", {"country": "DE"}).json()["data"] == [made.json()]
    again = post(client, "registrations", body)
    assert (again.status_code, again.json()["code"]) == (409, "registration_overlaps")


@pytest.mark.parametrize(
    "change",
    [{"rate": "101"}, {"rate": "-1"}, {"rate": 7.5}, {"valid_from": "soon"}, {"name": None}, {"colour": "red"}],
)
def test_bodies_that_make_no_sense(call, change):
    body = {"jurisdiction": "JP", "name": "JCT", "rate": "10", "valid_from": "2019-10-01", **change}
    answer = post(call(), "rates", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(change))}"


def test_only_some_may_write(call):
    assert (
        post(call("finance_viewer"), "registrations", {"country": "DE", "valid_from": "2026-01-01"}).status_code == 403
    )
