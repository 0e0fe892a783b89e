"""/v1/plans: one document in, all its faults out; versions; lists."""

import json
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from apps.events.models import Event
from apps.kernel.errors import Invalid
from apps.plans import queries
from apps.plans.models import Plan, PlanVersion
from tests.accounts.calls import Api, faults
from tests.factories.plans import CALLS, make_plan

BODY = {"key": "pro", "name": "Pro", "interval": "month", "prices": {"USD": 4900}}
WHOLE = {
    "key": "pro",
    "name": "Pro",
    "interval": "month",
    "interval_count": 3,
    "trial_days": 14,
    "trial_usage": "bill",
    "prices": {"USD": 4900, "JPY": 700, "KWD": 15500},
    "tax_behavior": "inclusive",
    "tax_code": "reduced",
    "features": {"seats": 5, "sso": True},
    "active": True,
    "metadata": {"line": "b2b"},
}
NEEDED = ("USD", "EUR", "GBP", "CAD", "AUD", "JPY", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "NZD", "SGD", "HKD",
          "INR", "BRL", "MXN", "ZAR", "KWD")  # fmt: skip


@pytest.mark.fr("FR-016", "FR-017", "FR-018", "FR-025")
@pytest.mark.django_db
def test_a_plan_is_one_document(api: Api) -> None:
    answer = api.post("/plans", WHOLE)
    assert (answer.status_code, answer["ETag"]) == (201, '"v-1"')
    shown = answer.json()
    assert {name: shown[name] for name in WHOLE} == WHOLE
    assert (shown["version"], shown["url"]) == (1, f"/v1/plans/{shown['id']}")
    assert Event.objects.get().data["object"] == shown == api.get(shown["url"].removeprefix("/v1")).json()


@pytest.mark.fr("FR-017", "FR-018")
@pytest.mark.django_db
@pytest.mark.parametrize(("interval", "longest"), [("day", 365), ("week", 52), ("month", 60), ("year", 10)])
def test_intervals_and_defaults(api: Api, interval: str, longest: int) -> None:
    shown = api.post("/plans", {**BODY, "interval": interval}).json()
    defaults = ("interval_count", "trial_days", "trial_usage", "tax_behavior", "tax_code", "features", "active")
    assert [shown[name] for name in defaults] == [1, 0, "free", "exclusive", "standard", {}, True]
    more = {**BODY, "key": "more", "interval": interval}
    assert faults(api.post("/plans", {**more, "interval_count": longest + 1})) == {("/interval_count", "too_large")}
    assert api.post("/plans", {**more, "interval_count": longest}).status_code == 201


@pytest.mark.fr("FR-013", "FR-021", "FR-103")
@pytest.mark.django_db
def test_one_price_list_holds_zero_two_and_three_decimal_currencies(api: Api) -> None:
    prices = {currency: 100 + number for number, currency in enumerate(NEEDED)}
    assert api.post("/plans", {**BODY, "prices": prices}).json()["prices"] == prices


@pytest.mark.fr("FR-016")
@pytest.mark.django_db
def test_amount_and_currency_stand_for_a_list_of_one(api: Api) -> None:
    document = {"key": "a", "name": "A", "interval": "month", "amount": 500, "currency": "USD"}
    shown = api.post("/plans", document).json()
    assert shown["prices"] == {"USD": 500}
    assert api.post("/plans", {**document, "key": "b", "currency": "KWD"}).json()["prices"] == {"KWD": 500}
    path = f"/plans/{shown['id']}"
    assert api.patch(path, {"amount": 600, "currency": "USD"}).json()["prices"] == {"USD": 600}
    assert api.patch(path, {"prices": {"USD": 600, "EUR": 1}}).json()["version"] == 3
    assert faults(api.patch(path, {"amount": 700, "currency": "USD"})) == {("/amount", "ambiguous")}
    for change, expected in (
        ({"amount": 1, "prices": {"USD": 1}}, {("/amount", "ambiguous")}),
        ({"currency": "EUR"}, {("/amount", "required")}),
        ({"amount": 1}, {("/currency", "required")}),
    ):
        plain = {"key": "c", "name": "C", "interval": "month", **change}
        assert faults(api.post("/plans", plain)) == expected


@pytest.mark.fr("FR-024")
@pytest.mark.django_db
def test_all_faults_are_told_at_once(api: Api) -> None:
    answer = api.post("/plans", {
        "name": "", "interval": "month", "interval_count": 61, "trial_days": 731, "trial_usage": "half",
        "prices": {"usd": 1, "EUR": -1, "JPY": 1.5, "KWD": True, "GBP": "5", "CHF": 10**15 + 1, "a/b": 5},
        "amount": 10**16, "tax_behavior": 1, "tax_code": "", "features": [], "active": "yes", "metadata": 5, "price": 1,
    })  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert faults(answer) == {
        ("/key", "required"), ("/name", "blank"), ("/interval_count", "too_large"), ("/trial_days", "too_large"),
        ("/trial_usage", "invalid_choice"), ("/prices/usd", "currency_unknown"), ("/prices/EUR", "too_small"),
        ("/prices/JPY", "wrong_type"), ("/prices/KWD", "wrong_type"), ("/prices/GBP", "wrong_type"),
        ("/prices/CHF", "amount_too_large"), ("/prices/a~1b", "currency_unknown"), ("/amount", "amount_too_large"),
        ("/tax_behavior", "wrong_type"), ("/tax_code", "blank"), ("/features", "wrong_type"), ("/active", "wrong_type"),
        ("/metadata", "wrong_type"), ("/price", "unknown_field"),
    }  # fmt: skip
    assert faults(api.post("/plans", {"key": "pro"})) == {
        ("/name", "required"), ("/interval", "required"), ("/prices", "required"),
    }  # fmt: skip
    assert faults(api.post("/plans", {**BODY, "prices": {}})) == {("/prices", "wrong_type")}
    assert faults(api.post("/plans", {**BODY, "interval": ["month"]})) == {("/interval", "wrong_type")}
    assert Plan.objects.count() == PlanVersion.objects.count() == 0


@pytest.mark.fr("FR-024")
@pytest.mark.django_db
def test_a_change_is_checked_with_what_stays(api: Api) -> None:
    plan = make_plan(interval="day", interval_count=300)
    answer = api.patch(f"/plans/{plan.pk}", {"interval": "year", "name": ""})
    assert faults(answer) == {("/interval_count", "too_large"), ("/name", "blank")}
    assert api.patch(f"/plans/{plan.pk}", {"interval": "year", "interval_count": 1}).json()["version"] == 2


@pytest.mark.fr("FR-022")
@pytest.mark.django_db
def test_a_price_change_makes_a_new_version(api: Api) -> None:
    path = f"/plans/{api.post('/plans', WHOLE).json()['id']}"
    same = api.patch(path, {name: value for name, value in WHOLE.items() if name != "key"}, If_Match='"v-1"')
    assert (same.status_code, same["ETag"], same.json()["version"]) == (200, '"v-1"', 1)
    changed = api.patch(path, {"prices": {"USD": 5900}}, If_Match='"v-1"')
    assert (changed.json()["version"], changed.json()["prices"], changed["ETag"]) == (2, {"USD": 5900}, '"v-2"')
    assert changed.json() == api.get(path).json() == Event.objects.latest("id").data["object"]
    assert {name: changed.json()[name] for name in WHOLE if name != "prices"} == {
        name: value for name, value in WHOLE.items() if name != "prices"
    }
    assert PlanVersion.objects.get(version=1).prices.count() == 3
    stale = api.patch(path, {"name": "x"}, If_Match='"v-1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
    assert faults(api.patch(path, {"key": "other"})) == {("/key", "unknown_field")}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "malformed_json"),
        ('{"prices": {"USD": NaN}}', 400, "malformed_json"),
        ('{"prices": {"USD": 1, "USD": 2}}', 400, "malformed_json"),
        ("[]", 422, "invalid"),
        (json.dumps({**BODY, "features": {"a": "x" * 1024 * 1024}}), 413, "body_too_large"),
        (json.dumps({**BODY, "metadata": {"a": "4242424242424242"}}), 422, "card_data_refused"),
    ],
)
def test_bodies_that_cannot_be_taken(api: Api, body: str, status: int, code: str) -> None:
    answer = api.post("/plans", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Plan.objects.count() == 0


@pytest.mark.django_db
def test_who_may_what() -> None:
    path = f"/plans/{make_plan().pk}"
    assert [Api(None).get(path).status_code, Api(None).post("/plans", BODY).status_code] == [401, 401]
    for role, status in (("support_rep", 403), ("finance_viewer", 403), ("billing_admin", 200)):
        caller = Api(role)
        assert caller.get(path).status_code == caller.get("/plans").status_code == 200
        assert caller.patch(path, {"name": role}).status_code == status
        assert caller.post("/plans", BODY).status_code == (201 if status == 200 else 403)
    stranger = "/plans/01980000-0000-7000-8000-000000000001"
    assert [caller.get(stranger).status_code, caller.patch(stranger, {"name": "x"}).status_code] == [404, 404]


@pytest.mark.django_db
def test_taken_keys_and_repeated_requests(api: Api) -> None:
    first, second = (api.post("/plans", BODY, Idempotency_Key="one") for _ in range(2))
    assert (first.status_code, second["Idempotent-Replayed"], second.json()) == (201, "true", first.json())
    taken = api.post("/plans", BODY)
    assert (taken.status_code, taken.json()["code"], faults(taken)) == (
        409, "plan_key_taken", {("/key", "plan_key_taken")},
    )  # fmt: skip
    assert Plan.objects.count() == Event.objects.count() == 1


@pytest.mark.fr("FR-025")
@pytest.mark.django_db
def test_lists_are_filtered_and_paged(api: Api) -> None:
    for number in range(3):
        make_plan(key=f"p{number}", name=str(number), active=number != 1, metadata={"line": f"b{number % 2}"})

    def found(query: str) -> list[str]:
        return [one["key"] for one in api.get(f"/plans?{query}").json()["data"]]

    assert found("") == ["p2", "p1", "p0"]
    assert (found("key=p1"), found("active=true"), found("metadata[line]=b0")) == (["p1"], ["p2", "p0"], ["p2", "p0"])
    page = api.get("/plans?limit=2").json()
    assert found(f"cursor={page['next_cursor']}") == ["p0"]
    assert faults(api.get("/plans?interval=month")) == {("?interval", "unknown_parameter")}


@pytest.mark.django_db
def test_the_cost_of_requests(api: Api, django_assert_num_queries: Any) -> None:
    plans = [make_plan() for _ in range(20)]
    api.get("/plans")
    for limit in (1, 20):  # the key, plans, versions, prices, charges
        with django_assert_num_queries(5):
            assert len(api.get(f"/plans?limit={limit}").json()["data"]) == limit
    with django_assert_num_queries(1 + 2 + 11 + 3):  # the key, the guard's savepoint, the action, the answer
        api.post("/plans", BODY)
    with django_assert_num_queries(1 + 2 + 4 + 15 + 3):
        api.patch(f"/plans/{plans[0].pk}", {"prices": {"USD": 1}})


def test_identical_creates_at_once_make_one_plan(committed_db: str) -> None:
    api, callers = Api(), 4
    together, answers = Barrier(callers), []

    def call() -> None:
        together.wait(10)
        try:
            answers.append(api.post("/plans", BODY))
        finally:
            connections.close_all()

    threads = [Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (callers - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"plan_key_taken"}
    assert Plan.objects.count() == PlanVersion.objects.count() == Event.objects.count() == 1


@pytest.mark.fr("FR-016", "FR-019", "FR-020")
@pytest.mark.django_db
def test_metered_charges_and_a_commitment_are_part_of_the_document(api: Api) -> None:
    document = {**BODY, "charges": [CALLS], "commitment": {"USD": 100_000}}
    shown = api.post("/plans", document).json()
    tier = {"flat_price": "0", "rate_percent": "0", "package_size": None}
    assert shown["commitment"] == {"USD": 100_000}
    assert shown["charges"] == [{
        "key": "calls", "metric": "api_calls", "aggregation": "sum", "unique_by": None, "filter": {}, "group_by": [],
        "model": "graduated", "package_size": None, "cap": None, "cap_behavior": "bill", "thresholds": [],
        "prices": {"USD": {
            "tiers": [{"up_to": "1000", "unit_price": "0", **tier}, {"up_to": None, "unit_price": "0.5", **tier}],
            "fee_per_event": "0", "per_event_minimum": None, "per_event_maximum": None, "minimum": 0, "maximum": None,
        }},
    }]  # fmt: skip
    path = f"/plans/{shown['id']}"
    same = api.patch(path, {"charges": shown["charges"], "commitment": {"USD": 100_000}}).json()
    assert (same["version"], same) == (1, api.get(path).json())
    assert api.patch(path, {"charges": []}).json()["version"] == 2
    assert faults(api.patch(path, {"charges": [CALLS], "prices": {"USD": 1, "EUR": 1}, "features": {"a": None}})) == {
        ("/charges/0/prices/EUR", "price_missing"), ("/features/a", "wrong_type"),
    }  # fmt: skip


@pytest.mark.fr("FR-016", "FR-024")
@pytest.mark.django_db
def test_usage_type_and_tiers_stand_for_one_charge(api: Api) -> None:
    short = {"key": "a", "name": "A", "interval": "month", "currency": "USD", "usage_type": "api_calls",
             "tiers": CALLS["prices"]["USD"]["tiers"]}  # fmt: skip
    shown = api.post("/plans", short).json()
    assert shown["prices"] == {"USD": 0}
    assert [(each["key"], each["metric"], each["model"]) for each in shown["charges"]] == [
        ("api_calls", "api_calls", "graduated")
    ]
    plain = api.post("/plans", {**BODY, "key": "b", "usage_type": "licensed"}).json()
    assert (plain["charges"], plain["prices"]) == ([], {"USD": 4900})
    path = f"/plans/{plain['id']}"
    assert len(api.patch(path, {"usage_type": "gb", "tiers": short["tiers"]}).json()["charges"]) == 1
    for change, expected in (
        (
            {"tiers": [{"up_to": 5, "unit_price": "x"}]},
            {("/tiers/0/unit_price", "wrong_type"), ("/tiers/0/up_to", "last_tier_open")},
        ),
        ({"usage_type": "licensed"}, {("/usage_type", "required")}),
        ({"usage_type": "a b"}, {("/usage_type", "name_invalid")}),
        ({"usage_type": 5}, {("/usage_type", "wrong_type")}),
        ({"charges": []}, {("/tiers", "ambiguous")}),
        ({"currency": "XXQ"}, {("/currency", "currency_unknown")}),
        ({"currency": ["USD"]}, {("/currency", "wrong_type")}),
    ):
        found = faults(api.post("/plans", {**short, "key": "c", **change}))
        assert found >= expected, (change, found)
    assert faults(api.post("/plans", {**BODY, "key": "d", "usage_type": "gb"})) == {("/tiers", "required")}


@pytest.mark.fr("FR-022")
@pytest.mark.django_db
def test_versions_are_listed_newest_first(api: Api, django_assert_num_queries: Any) -> None:
    plan = make_plan(charges=[CALLS])
    path = f"/plans/{plan.pk}"
    for amount in (1, 2):
        api.patch(path, {"prices": {"USD": amount}})
    make_plan()
    with django_assert_num_queries(5):  # the key, the plan, versions, prices, charges
        page = api.get(f"{path}/versions?limit=2").json()
    assert [(each["version"], each["prices"], each["current"]) for each in page["data"]] == [
        (3, {"USD": 2}, True), (2, {"USD": 1}, False),
    ]  # fmt: skip
    (first,) = api.get(f"{path}/versions?cursor={page['next_cursor']}").json()["data"]
    assert (first["version"], first["plan_id"], first["charges"][0]["key"]) == (1, str(plan.pk), "calls")
    assert api.get("/plans/01980000-0000-7000-8000-000000000001/versions").status_code == 404
    assert api.get(f"{path}/versions?cursor=x").status_code == 400
    assert api.post(f"{path}/versions", {}).status_code == 405
    assert Api(None).get(f"{path}/versions").status_code == 401


@pytest.mark.fr("FR-023")
@pytest.mark.django_db
def test_a_deleted_plan_is_kept_hidden_and_can_come_back(api: Api) -> None:
    plan, other = make_plan(name="Old"), make_plan(name="New", key="new")
    path = f"/plans/{plan.pk}"
    assert Api("finance_viewer")("delete", path).status_code == 403
    assert api("delete", path, If_Match='"v-7"').status_code == 412
    assert [api("delete", path).status_code for _ in range(2)] == [204, 204]
    event = Event.objects.get(event_type="plan.deleted")
    assert (event.object_id, event.data["object"]["active"]) == (plan.pk, False)
    assert event.data["previous_attributes"] == {"active": True}
    assert (api.get(path).json()["active"], api.get(path)["ETag"]) == (False, '"v-2"')
    with pytest.raises(Invalid, match="no longer sold") as refused:
        queries.current_terms(plan.pk)
    assert "New (new)" in refused.value.hint
    assert api.patch(path, {"active": True}).json()["active"] is True
    assert queries.current_terms(plan.pk).version == 1
    assert api("delete", "/plans/01980000-0000-7000-8000-000000000001").status_code == 404
    assert other.active
