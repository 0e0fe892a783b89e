"""/v1/coupons as callers see it."""

from typing import Any
from uuid import uuid4

import pytest

from apps.coupons.models import Coupon
from tests.accounts.calls import Api, faults
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan

pytestmark = pytest.mark.django_db
HALF: dict[str, Any] = {"code": "SPRING", "name": "Spring", "percent_off": "12.5", "duration": "once"}


@pytest.fixture
def api(db: None) -> Api:
    return Api()


@pytest.mark.fr("B-09")
def test_make_show_end(api: Api) -> None:
    made = api.post("/coupons", HALF)
    shown = made.json()
    assert (made.status_code, shown["percent_off"], shown["redeemed"], shown["active"]) == (201, "12.5", 0, True)
    assert api.get("/coupons?code=spring").json()["data"] == [shown]
    path = f"/coupons/{shown['id']}"
    assert (api("delete", path).status_code, api("delete", path).status_code) == (204, 204)
    assert api.get(path).json()["active"] is False
    taken = api.post("/coupons", {**HALF, "code": "spring"})
    assert (taken.status_code, taken.json()["code"]) == (409, "coupon_code_taken")


def test_faults(api: Api) -> None:
    wrong = api.post("/coupons", {**HALF, "percent_off": "x", "duration": "never", "limit": 3, "plan_ids": ["x"]})
    assert wrong.status_code == 422
    assert {pointer for pointer, _ in faults(wrong)} == {"/percent_off", "/duration", "/limit", "/plan_ids/0"}
    between = api.post("/coupons", {**HALF, "amount_off": 100, "duration": "repeating", "plan_ids": [str(uuid4())]})
    assert faults(between) == {
        ("/percent_off", "ambiguous"), ("/currency", "required"), ("/duration_periods", "required"),
        ("/plan_ids", "plan_unknown"),
    }  # fmt: skip
    assert api("delete", f"/coupons/{uuid4()}").status_code == 404
    assert api.post("/coupons", "{").status_code == 400
    assert not Coupon.objects.exists()


@pytest.mark.parametrize(
    ("role", "read", "written"),
    [("billing_admin", 200, 201), ("support_rep", 200, 403), ("finance_viewer", 200, 403), (None, 401, 401)],
)
def test_who_may(role: str | None, read: int, written: int) -> None:
    caller = Api(role)
    assert (caller.get("/coupons").status_code, caller.post("/coupons", HALF).status_code) == (read, written)


@pytest.mark.fr("B-09", "B-02")
def test_on_a_subscription(api: Api) -> None:
    coupon, account, plan = make_coupon(), make_account(), make_plan()
    body = {"account_id": str(account.pk), "plan_id": str(plan.pk), "coupon": coupon.code}
    shown = api.post("/subscriptions/preview", body).json()
    assert (shown["invoice"]["discount"], shown["invoice"]["total"]) == (2450, 2450)
    coupon.refresh_from_db()
    assert coupon.redeemed == 0
    made = api.post("/subscriptions", body, If_Match=f'"{shown["hash"]}"').json()["latest_invoice"]
    assert (made["discount"], made["total"], made["lines"][0]["discount_amount"]) == (2450, 2450, 2450)
    unknown = api.post("/subscriptions", {**body, "coupon": "NOPE"})
    assert unknown.status_code in (409, 422)
