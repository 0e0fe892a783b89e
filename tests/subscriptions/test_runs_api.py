"""/v1/billing-runs as callers see it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.clocks.actions import create as make_clock
from apps.kernel import clock
from apps.kernel.schedule import Scope
from apps.subscriptions.actions.run import run_due
from apps.subscriptions.models import BillingRun, Subscription
from tests.accounts.calls import Api
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.subscriptions.lives import MAY, many, without_price

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopped() -> tuple[str, Subscription, Any]:
    """A run that has finished with one of three stopped: its id, that one, and the version it should be on."""
    many(2)
    bad = make_subscription()
    version = bad.plan_version_id
    without_price(bad)
    ran = run_due(at=MAY, scope=Scope(), actor=ACTOR)
    assert ran is not None
    return str(ran.run.pk), bad, version


def test_a_run_is_shown_with_what_it_could_not_bill(stopped: Any) -> None:
    api, (run_id, bad, _) = Api("finance_viewer"), stopped
    answer = api.get(f"/billing-runs/{run_id}")
    shown = answer.json()
    failures = shown.pop("failures")
    assert (shown.pop("forecast"), shown.pop("approvals")) == ([], [])
    wanted = {
        "status": "FINISHED",
        "due": 3,
        "done": 2,
        "periods": 2,
        "invoices": 2,
        "failed": 1,
        "test_clock_id": None,
    }
    assert {name: shown[name] for name in wanted} == wanted
    assert (shown["at"], shown["url"]) == ("2026-05-01T12:00:00Z", f"/v1/billing-runs/{run_id}")
    assert answer["ETag"] == f'"v-{BillingRun.objects.get().version}"'
    assert [(each["subscription_id"], each["account_id"], each["resolved"]) for each in failures] == [
        (str(bad.pk), str(bad.account_id), False)
    ]
    assert failures[0]["reason"].startswith("price_missing: ")
    assert api.get("/billing-runs").json()["data"] == [shown]


def test_filters(stopped: Any) -> None:
    api = Api()
    running = BillingRun.objects.create(at=MAY, due=1)
    assert [row["id"] for row in api.get("/billing-runs?status=RUNNING").json()["data"]] == [str(running.pk)]
    assert [row["id"] for row in api.get("/billing-runs?status=FINISHED").json()["data"]] == [stopped[0]]
    assert api.get(f"/billing-runs?test_clock_id={uuid4()}").json()["data"] == []
    for wrong in ("status=LOST", "test_clock_id=x", "colour=red"):
        assert api.get(f"/billing-runs?{wrong}").status_code == 422, wrong


def test_a_retry_answers_what_came_of_it(stopped: Any) -> None:
    api, (run_id, bad, version) = Api("billing_admin"), stopped
    answer = api.post(f"/billing-runs/{run_id}/retry")
    assert answer.status_code == 200
    assert answer.json()["retry"] == {"tried": 1, "periods": 0, "invoices": 0, "failed": 1, "left": 0}
    Subscription.objects.filter(pk=bad.pk).update(plan_version_id=version)
    # Until today: what is due since the run is left to the next one.
    mended = api.post(f"/billing-runs/{run_id}/retry", idempotency_key="retry-1")
    assert mended.json()["retry"] == {"tried": 1, "periods": 1, "invoices": 1, "failed": 0, "left": 0}
    assert (mended.json()["done"], mended.json()["failures"][0]["resolved"]) == (3, True)
    repeated = api.post(f"/billing-runs/{run_id}/retry", idempotency_key="retry-1")
    assert repeated.json() == mended.json()
    assert api.post(f"/billing-runs/{run_id}/retry").json()["retry"]["tried"] == 0


@pytest.mark.parametrize("role", ["support_rep", "finance_viewer"])
def test_who_only_reads_cannot_retry(stopped: Any, role: str) -> None:
    api = Api(role)
    assert api.get("/billing-runs").status_code == 200
    assert api.post(f"/billing-runs/{stopped[0]}/retry").status_code == 403
    assert Api(None).get("/billing-runs").status_code == 401


@pytest.mark.parametrize("identifier", ["019a0000-0000-7000-8000-000000000000", "x", "1"])
def test_a_run_that_is_none(identifier: str) -> None:
    api = Api()
    for answer in (api.get(f"/billing-runs/{identifier}"), api.post(f"/billing-runs/{identifier}/retry")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_page_costs_the_same_however_much_there_is() -> None:
    api = Api()
    costs: dict[str, set[int]] = {"list": set(), "one": set()}
    for number in range(3):
        for _ in range(number * 3 + 1):
            without_price(make_subscription())
        ran = run_due(at=MAY + timedelta(minutes=number), scope=Scope(), actor=ACTOR)
        assert ran is not None
        for name, path in (("list", "/billing-runs"), ("one", f"/billing-runs/{ran.run.pk}")):
            api.get(path)
            with CaptureQueriesContext(connection) as asked:
                api.get(path)
            costs[name].add(len(asked))
    assert {name: len(found) for name, found in costs.items()} == {"list": 1, "one": 1}
    assert max(costs["list"] | costs["one"]) <= 6


@pytest.mark.fr("B-05")
def test_a_dry_run_answers_with_its_forecast() -> None:
    api = Api("billing_admin")
    many(2)
    body = {"dry_run": True, "at": (clock.wall() + timedelta(days=30)).isoformat()}
    answer = api.post("/billing-runs", body, idempotency_key="dry-1")
    shown = answer.json()
    assert answer.status_code == 201
    assert (shown["status"], shown["dry_run"], shown["due"], shown["done"]) == ("FINISHED", True, 2, 0)
    (sums,) = shown["forecast"]
    assert (sums["currency"], sums["last"], sums["last"] + sum(sums["causes"].values())) == ("USD", 9800, sums["next"])
    assert sums["causes"]["further"] == sums["next"] - 9800 > 0
    assert api.post("/billing-runs", body, idempotency_key="dry-1").json()["id"] == shown["id"]
    assert api.get(f"/billing-runs/{shown['id']}").json()["forecast"] == shown["forecast"]
    assert [row["id"] for row in api.get("/billing-runs?dry_run=true").json()["data"]] == [shown["id"]]
    assert api.get("/billing-runs?dry_run=false").json()["data"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"dry_run": False}, "run_not_by_hand"),
        ({"dry_run": "perhaps"}, "wrong_type"),
        ({"dry_run": True, "at": "2999-01-01T00:00:00Z"}, "time_beyond"),
        ({"dry_run": True, "test_clock_id": "019a0000-0000-7000-8000-000000000000"}, "test_clock_unknown"),
        ({"dry_run": True, "colour": "red"}, "unknown_field"),
    ],
)
def test_a_dry_run_that_cannot_be(body: dict[str, Any], code: str) -> None:
    answer = Api().post("/billing-runs", body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert not BillingRun.objects.exists()


@pytest.mark.fr("B-05")
def test_a_run_is_paused_goes_on_and_is_approved() -> None:
    api = Api("billing_admin")
    run = BillingRun.objects.create(at=MAY, due=1)
    assert api.post(f"/billing-runs/{run.pk}/pause").json()["status"] == "PAUSED"
    assert api.post(f"/billing-runs/{run.pk}/pause").json()["code"] == "billing_run_not_running"
    assert api.post(f"/billing-runs/{run.pk}/resume").json()["status"] == "RUNNING"
    assert api.post(f"/billing-runs/{run.pk}/resume").json()["code"] == "billing_run_not_paused"
    assert api.post(f"/billing-runs/{run.pk}/approve").json()["code"] == "billing_run_not_held"
    BillingRun.objects.filter(pk=run.pk).update(status="FINISHED", finished_at=clock.wall())
    held = BillingRun.objects.create(at=MAY, status="HELD", approvals_needed=2)
    first = api.post(f"/billing-runs/{held.pk}/approve").json()
    assert (first["status"], len(first["approvals"])) == ("HELD", 1)
    assert api.post(f"/billing-runs/{held.pk}/approve").json()["code"] == "billing_run_approved_before"
    assert Api("super_admin").post(f"/billing-runs/{held.pk}/approve").json()["status"] == "RUNNING"


def test_a_test_clocks_run_is_not_paused() -> None:
    made = make_clock(name="x", frozen_time=MAY, actor=ACTOR)
    run = BillingRun.objects.create(at=MAY, test_clock=made)
    answer = Api().post(f"/billing-runs/{run.pk}/pause")
    assert (answer.status_code, answer.json()["code"]) == (409, "billing_run_on_test_clock")


@pytest.mark.parametrize("role", ["support_rep", "finance_viewer"])
@pytest.mark.parametrize("verb", ["", "approve", "pause", "resume"])
def test_who_only_reads_says_nothing_to_runs(role: str, verb: str) -> None:
    run = BillingRun.objects.create(at=MAY, due=1)
    path = f"/billing-runs/{run.pk}/{verb}" if verb else "/billing-runs"
    assert Api(role).post(path, {} if verb else {"dry_run": True}).status_code == 403
    run.refresh_from_db()
    assert run.status == "RUNNING"
