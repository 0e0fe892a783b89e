"""/v1/billing-runs as callers see it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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
