"""/v1/usage/summary and /v1/usage/export"""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow.parquet
import pytest

from apps.kernel.ids import uuid7
from apps.usage import export
from apps.usage.actions.correct import void
from apps.usage.actions.record import record
from tests.accounts.calls import Api, faults
from tests.factories.accounts import ACTOR
from tests.factories.usage import AT, event, meter, opened, used

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _static_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path


@pytest.mark.fr("FR-074")
def test_a_summary_by_local_day_metric_and_group():
    one = opened(timezone="America/New_York", metrics={"api_calls": [meter()], "seats": [meter()]})
    midnight = datetime(2026, 4, 10, 4, tzinfo=UTC)  # New York's
    record(
        [
            event(one.subscription_id, quantity="1.5", timestamp=midnight - timedelta(seconds=1)),
            event(one.subscription_id, quantity="2", timestamp=midnight, properties={"region": "eu"}),
            event(one.subscription_id, quantity="3", timestamp=midnight, properties={"region": "eu"}),
            event(one.subscription_id, quantity="4", timestamp=midnight, properties={"region": 1}),
            event(one.subscription_id, quantity="5", timestamp=midnight, metric="seats"),
        ],
        at=AT,
    )
    void(event_id=used(one.subscription_id, 100).stored[0], reason="", at=AT, actor=ACTOR)
    path = f"/usage/summary?subscription_id={one.subscription_id}"
    rows = Api("finance_viewer").get(f"{path}&group_by=region").json()["data"]
    assert [(row["day"], row["metric"], row["group"], row["events"], row["sum"], row["max"]) for row in rows] == [
        ("2026-04-09", "api_calls", {"region": None}, 1, "1.5", "1.5"),
        ("2026-04-10", "api_calls", {"region": "1"}, 1, "4", "4"),
        ("2026-04-10", "api_calls", {"region": "eu"}, 2, "5", "3"),
        ("2026-04-10", "seats", {"region": None}, 1, "5", "5"),
    ]
    only = Api().get(f"{path}&metric=api_calls&timestamp_after=2026-04-10T04:00:00Z").json()["data"]
    assert [(row["day"], row["group"], row["sum"]) for row in only] == [("2026-04-10", {}, "9")]


def test_a_summary_is_of_a_subscription():
    api = Api()
    for query in ("", "?subscription_id=x", f"?subscription_id={uuid7()}"):
        answer = api.get(f"/usage/summary{query}")
        assert (answer.status_code, faults(answer)) == (422, {("?subscription_id", "subscription_unknown")})
    own = f"/usage/summary?subscription_id={opened().subscription_id}"
    assert api.get(own).json() == {"data": []}
    assert faults(api.get(f"{own}&group_by=a,b,c,d,e,f")) == {("?group_by", "too_long")}
    assert faults(api.get(f"{own}&timestamp_after=x")) == {("?timestamp_after", "invalid")}
    assert faults(api.get(f"{own}&format=csv")) == {("?format", "unknown_parameter")}


@pytest.fixture
def three(monkeypatch):
    """Three events, two a piece, the second void."""
    monkeypatch.setattr(export, "PIECE", 2)
    one = opened()
    record(
        [
            event(one.subscription_id, quantity="0.000000000001", properties={"region": "eu", "text": 'a,"b"\nc'}),
            event(one.subscription_id, quantity="9223372036854775807"),
            event(one.subscription_id, quantity=2, timestamp=AT - timedelta(days=1)),
        ],
        at=AT,
    )
    used(opened().subscription_id, 5)
    ids = [each["id"] for each in Api().get(f"/usage?subscription_id={one.subscription_id}").json()["data"]][::-1]
    void(event_id=ids[1], reason="", at=AT, actor=ACTOR)
    return one, ids


@pytest.mark.fr("FR-081")
def test_exported_as_csv(three):
    one, ids = three
    answer = Api("finance_viewer").get(f"/usage/export?subscription_id={one.subscription_id}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="usage.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["id"] for row in rows] == ids
    assert [row["quantity"] for row in rows] == ["0.000000000001", "9223372036854775807", "2"]
    assert json.loads(rows[0]["properties"]) == {"region": "eu", "text": 'a,"b"\nc'}
    assert [bool(row["voided_at"]) for row in rows] == [False, True, False]
    assert rows[2]["timestamp"] == (AT - timedelta(days=1)).isoformat()


@pytest.mark.fr("FR-081")
def test_exported_as_parquet(three):
    one, ids = three
    answer = Api().get(f"/usage/export?format=parquet&subscription_id={one.subscription_id}")
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    table = pyarrow.parquet.read_table(io.BytesIO(b"".join(answer.streaming_content)))
    assert table.schema.equals(export.SCHEMA)
    rows = table.to_pylist()
    assert [row["id"] for row in rows] == ids
    assert [row["quantity"] for row in rows] == [Decimal("1E-12"), Decimal(2**63 - 1), 2]
    assert [row["timestamp"] for row in rows] == [AT, AT, AT - timedelta(days=1)]
    assert rows[1]["voided_at"] == AT


def test_an_export_of_nothing_and_of_another_format(three):
    api = Api()
    nothing = f"subscription_id={uuid7()}"
    assert b"".join(api.get(f"/usage/export?{nothing}").streaming_content).count(b"\n") == 1
    content = b"".join(api.get(f"/usage/export?format=parquet&{nothing}").streaming_content)
    assert pyarrow.parquet.read_table(io.BytesIO(content)).num_rows == 0
    assert faults(api.get("/usage/export?format=xls")) == {("?format", "invalid_choice")}
    assert faults(api.get("/usage/export?metric=a&metric=b")) == {("?metric", "repeated_parameter")}
    assert api.get("/usage/export", Accept="application/json").status_code == 406
    assert api.get("/usage/export?format=parquet", Accept="application/vnd.apache.parquet").status_code == 200
    refused = api.get(f"/usage/export?{nothing}&timestamp_after=0071-02-16T01:26:59-17:10")
    assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
