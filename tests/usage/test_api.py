"""/v1/usage and /v1/usage/batch: what is answered, what is refused and how."""

import gzip
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.kernel import clock
from apps.kernel.ids import uuid7
from apps.usage.models import UsageEvent
from apps.usage.rules.event import digest
from tests.accounts.calls import Api
from tests.factories.usage import meter, opened

pytestmark = pytest.mark.django_db
ROLES = (("super_admin", True), ("billing_admin", True), ("support_rep", False), ("finance_viewer", False))


@pytest.fixture(autouse=True)
def _static_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def one():
    """A subscription that is metered since yesterday."""
    return opened(starts_at=clock.wall() - timedelta(days=1), external_key="contract-1")


def body(one, **fields):
    now = clock.wall().isoformat()
    return {
        "idempotency_key": str(uuid7()), "subscription_id": str(one.subscription_id), "metric": "api_calls",
        "quantity": "2.50", "timestamp": now, "properties": {"region": "eu"}, **fields,
    }  # fmt: skip


def lines(*events):
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in events)


def batch(api, content, kind="application/json", **headers):
    content = content if isinstance(content, str | bytes) else json.dumps(content)
    named = {**api.headers, **{name.replace("_", "-"): text for name, text in headers.items()}}
    return api.client.generic("POST", "/v1/usage/batch", content, content_type=kind, headers=named)


@pytest.mark.fr("FR-072", "FR-073")
def test_one_event_is_recorded_shown_and_repeated(one):
    api, sent = Api("billing_admin"), body(one)
    answer = api.post("/usage", sent)
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert {name: shown[name] for name in ("metric", "quantity", "properties", "duplicate", "voided_at")} == {
        "metric": "api_calls", "quantity": "2.5", "properties": {"region": "eu"}, "duplicate": False, "voided_at": None,
    }  # fmt: skip
    again = api.post("/usage", {**sent, "quantity": 7})
    assert again.status_code == 200
    assert again.json() == {**shown, "duplicate": True}
    single = api.get(f"/usage/{shown['id']}").json()
    assert single == {name: value for name, value in shown.items() if name != "duplicate"}
    assert api.get("/usage").json()["data"] == [single]


def test_a_key_outlives_its_event(one):
    sent = body(one)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO usage_key VALUES (%s, gen_random_uuid(), (SELECT max(id) FROM usage_generation))",
            [digest(sent["idempotency_key"])],
        )
    answer = Api().post("/usage", sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "event_forgotten")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"idempotency_key": None}, "idempotency_key_missing"),
        ({"quantity": 1.5}, "event_malformed"),
        ({"quantity": "1e3"}, "quantity_invalid"),
        ({"quantity": -1}, "quantity_negative"),
        ({"metric": "seats"}, "metric_unknown"),
        ({"subscription_id": str(uuid4())}, "subscription_unknown"),
        ({"timestamp": "2026-04-01T00:00:00"}, "timestamp_naive"),
        ({"timestamp": "2999-04-01T00:00:00Z"}, "timestamp_in_future"),
        ({"timestamp": "1999-04-01T00:00:00Z"}, "subscription_not_metered"),
        ({"properties": {"a": "b\0"}}, "invalid_character"),
        ({"colour": "red"}, "event_malformed"),
    ],
)
def test_an_event_that_is_refused_is_a_problem_document(one, fields, code):
    answer = Api().post("/usage", body(one, **fields))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["hint"]
    assert UsageEvent.objects.count() == 0


def test_the_body_is_json_of_a_size():
    api = Api()
    for content in ("{", "", "[]"):
        assert api.post("/usage", content).json()["code"] == "event_malformed"
    empty = batch(api, "")
    assert (empty.status_code, empty.json()["code"]) == (400, "malformed_json")
    named = {**api.headers}
    answer = api.client.generic("POST", "/v1/usage", "a,b", content_type="text/csv", headers=named)
    assert answer.status_code == 415
    assert api.post("/usage", b'{"metric": "' + b"x" * 1024 * 1024 + b'"}').status_code == 413


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize(("role", "may"), ROLES)
def test_who_may(one, role, may):
    api, stored = Api(role), Api().post("/usage", body(one)).json()["id"]
    assert api.post("/usage", body(one)).status_code == (201 if may else 403)
    assert batch(api, [body(one)]).status_code == (200 if may else 403)
    assert api.post(f"/usage/{stored}/replace", {"idempotency_key": role}).status_code == (201 if may else 403)
    assert api.post(f"/usage/{stored}/void", {}).status_code == (409 if may else 403)
    assert api.get("/usage").status_code == 200
    assert api.get(f"/usage/{stored}").status_code == 200
    assert api.get(f"/usage/summary?subscription_id={one.subscription_id}").status_code == 200
    assert api.get("/usage/export").status_code == 200
    assert Api(None).get("/usage").status_code == 401
    assert batch(Api(None), []).status_code == 401


@pytest.mark.fr("FR-072", "FR-073")
def test_a_batch_answers_each_event_on_its_own(one):
    api, first = Api(), body(one)
    sent = [first, first, body(one, metric="seats"), {}, body(one, quantity="1")]
    answer = batch(api, sent)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["accepted"], told["duplicates"], told["rejected"]) == (2, 1, 2)
    assert [(error["index"], error["code"]) for error in told["errors"]] == [
        (2, "metric_unknown"), (3, "idempotency_key_missing"),
    ]  # fmt: skip
    assert "api_calls" in told["errors"][0]["hint"]
    assert batch(api, sent).json()["duplicates"] == 3
    assert batch(api, []).json() == {"accepted": 0, "duplicates": 0, "rejected": 0, "errors": []}
    assert UsageEvent.objects.count() == 2


@pytest.mark.fr("FR-072")
def test_a_broken_line_rejects_only_itself(one):
    content = lines(body(one), "{broken", "", body(one, properties={"emoji": "\U0001f600"}), '"x"')
    told = batch(Api(), content, "application/x-ndjson").json()
    assert (told["accepted"], told["rejected"]) == (2, 2)
    assert [(error["index"], error["code"]) for error in told["errors"]] == [
        (1, "event_malformed"), (3, "event_malformed"),
    ]  # fmt: skip
    broken = batch(Api(), f"[{json.dumps(body(one))},")
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson"])
def test_gzip_with_a_limit_on_what_it_becomes(one, kind):
    api, events = Api(), [body(one) for _ in range(3)]
    plain = (json.dumps(events) if kind == "application/json" else lines(*events)).encode()
    assert batch(api, gzip.compress(plain), kind, Content_Encoding="gzip").json()["accepted"] == 3
    parts = gzip.compress(plain[:100]) + gzip.compress(plain[100:])
    assert batch(api, parts, kind, Content_Encoding="GZIP").json()["duplicates"] == 3
    bomb = gzip.compress(b" " * (17 * 1024 * 1024))
    assert len(bomb) < 20_000
    for content, encoding, status in (
        (bomb, "gzip", 413),
        (gzip.compress(plain)[:-9], "gzip", 400),
        (plain, "gzip", 400),
        (plain, "br", 415),
    ):
        assert batch(api, content, kind, Content_Encoding=encoding).status_code == status
    assert api.post("/usage", gzip.compress(plain), Content_Encoding="gzip").status_code == 415


def test_ten_thousand_and_one_events_are_too_many(one):
    events = [body(one, idempotency_key=f"k{n}") for n in range(10_001)]
    answer = batch(Api(), events)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_events")
    answer = batch(Api(), lines(*events), "application/x-ndjson")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_events")
    assert UsageEvent.objects.count() == 0
    assert batch(Api(), events[:-1]).json()["accepted"] == 10_000


def test_a_batch_under_an_idempotency_key_is_answered_from_store(one):
    api, sent = Api(), [body(one)]
    answers = [batch(api, sent, Idempotency_Key="batch-1") for _ in "ab"]
    assert [answer.json()["accepted"] for answer in answers] == [1, 1]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert batch(api, [body(one)], Idempotency_Key="batch-1").status_code == 422


def test_the_list_is_filtered_and_paged(one):
    api, other = Api(), opened(starts_at=clock.wall() - timedelta(days=1), metrics={"seats": [meter()]})
    keys = [api.post("/usage", body(one)).json()["idempotency_key"] for _ in range(3)]
    api.post("/usage", body(other, metric="seats", timestamp=(clock.wall() - timedelta(hours=3)).isoformat()))
    first = api.get(f"/usage?subscription_id={one.subscription_id}&limit=2").json()
    assert [each["idempotency_key"] for each in first["data"]] == [keys[2], keys[1]]
    rest = api.get(f"/usage?subscription_id={one.subscription_id}&limit=2&cursor={first['next_cursor']}").json()
    assert ([each["idempotency_key"] for each in rest["data"]], rest["has_more"]) == ([keys[0]], False)
    hour = (clock.wall() - timedelta(hours=1)).isoformat().replace("+", "%2B")
    assert len(api.get(f"/usage?timestamp_after={hour}").json()["data"]) == 3
    assert [each["metric"] for each in api.get(f"/usage?timestamp_before={hour}").json()["data"]] == ["seats"]
    assert [each["metric"] for each in api.get("/usage?metric=seats").json()["data"]] == ["seats"]
    assert [each["idempotency_key"] for each in api.get(f"/usage?idempotency_key={keys[1]}").json()["data"]] == [
        keys[1]
    ]
    assert api.get("/usage?idempotency_key=unknown").json()["data"] == []
    assert api.get("/usage?created_after=2026-01-01T00:00:00Z").status_code == 422


@pytest.mark.fr("B-07")
def test_void_and_replace(one):
    api = Api()
    stored = api.post("/usage", body(one)).json()
    replaced = api.post(f"/usage/{stored['id']}/replace", {"idempotency_key": "new", "quantity": "3", "reason": "typo"})
    assert replaced.status_code == 201, replaced.content
    new = replaced.json()
    assert (new["quantity"], new["metric"], new["properties"]) == ("3", "api_calls", {"region": "eu"})
    assert new["timestamp"] == stored["timestamp"]
    old = api.get(f"/usage/{stored['id']}").json()
    assert (old["replaced_by_id"], old["void_reason"], bool(old["voided_at"])) == (new["id"], "typo", True)
    voided = api.post(f"/usage/{new['id']}/void", {"reason": "never happened"}).json()
    assert (voided["void_reason"], voided["replaced_by_id"]) == ("never happened", None)
    assert api.post(f"/usage/{new['id']}/void", {}).json()["code"] == "event_corrected"
    assert api.post(f"/usage/{uuid7()}/void", {}).status_code == 404
    fraction = {"idempotency_key": "f", "properties": {"share": 0.1}}
    third = api.post("/usage", body(one)).json()["id"]
    assert api.post(f"/usage/{third}/replace", fraction).json()["properties"] == {"share": 0.1}
    for properties, code in (({"a": []}, "property_not_scalar"), ("x", "wrong_type")):
        refused = api.post(f"/usage/{third}/replace", {"idempotency_key": "g", "properties": properties})
        assert refused.status_code == 422, code


def test_pages_and_batches_have_a_budget(one):
    api = Api()
    for _ in range(3):
        api.post("/usage", body(one))

    def cost(call):
        with CaptureQueriesContext(connection) as queries:
            call()
        return len(queries)

    assert cost(lambda: api.get("/usage?limit=1")) == cost(lambda: api.get("/usage?limit=3"))
    assert cost(lambda: batch(api, [body(one) for _ in range(30)])) == cost(
        lambda: batch(api, [body(one) for _ in range(90)])
    )
