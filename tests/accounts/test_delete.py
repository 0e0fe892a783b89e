"""An account is deleted when nothing of it is open; what is held about it stays."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection

from apps.access.rules import Role, may
from apps.accounts import actions
from apps.accounts.models import Account
from apps.credits.actions.grant import grant
from apps.events.models import Event
from apps.invoices.actions.one_off import Sale, one_off
from apps.kernel.errors import Conflict, DomainError
from apps.payments.models import Dispute, Payment
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.models import Subscription
from tests.accounts.calls import Api
from tests.factories.accounts import ACTOR, AT, make_account
from tests.factories.invoices import invoice, payer
from tests.factories.payments import known_method
from tests.factories.plans import make_plan
from tests.factories.subscriptions import make_subscription

LATER = AT + timedelta(days=40)


def gone(account: Account, at: datetime = LATER) -> Account:
    return actions.delete(account_id=account.pk, expected_version=None, at=at, actor=ACTOR)


def kept_by(account: Account, at: datetime = LATER) -> list[str]:
    """What is named as not settled."""
    with pytest.raises(Conflict) as refused:
        gone(account, at)
    assert refused.value.code == "account_in_use"
    assert not Account.objects.get(pk=account.pk).deleted_at
    return [f"{each.code}: {each.detail}" for each in refused.value.errors]


@pytest.mark.django_db
@pytest.mark.fr("FR-007", "FR-014")
def test_it_is_in_no_list_and_all_that_is_held_can_be_had() -> None:
    api, account, other = Api(), make_account(external_key="ours"), make_account()
    etag = api.get(f"/accounts/{account.pk}")["ETag"]
    answer = api("delete", f"/accounts/{account.pk}", If_Match=etag)
    shown = answer.json()
    assert (answer.status_code, shown["id"], shown["external_key"]) == (200, str(account.pk), "ours")
    assert datetime.fromisoformat(shown["deleted_at"]) > datetime(2026, 1, 1, tzinfo=UTC)
    export = api.get(shown["export_url"].removeprefix("/v1"))
    assert str(account.pk) in b"".join(export.streaming_content).decode()
    listed = lambda query: [row["id"] for row in api.get(f"/accounts{query}").json()["data"]]  # noqa: E731
    assert listed("") == listed("?email=ada@example.com") == listed("?deleted=false") == [str(other.pk)]
    assert listed("?deleted=true") == listed(f"?id={account.pk}") == [str(account.pk)]
    assert listed("?external_key=ours") == []
    found = api.get(f"/accounts/{account.pk}")
    assert found.json()["deleted_at"] == shown["deleted_at"]
    again = api("delete", f"/accounts/{account.pk}")
    assert (again.status_code, again.json()) == (200, shown), "again: as it is"
    [event] = Event.objects.filter(event_type="account.deleted")
    assert event.data["previous_attributes"] == {"deleted_at": None}
    assert make_account(external_key="ours").pk != account.pk


@pytest.mark.django_db
@pytest.mark.fr("FR-014")
def test_what_is_open_is_named() -> None:
    sold = make_subscription(account=payer(), plan=make_plan(key="p", prices={"USD": 4900}))
    account = sold.account
    known_method(account)
    other = invoice(900, account=account)
    grant(account_id=account.pk, amount=500, currency="USD", reason="r", expires_at=None, at=AT, actor=ACTOR)
    found = kept_by(account)
    assert f"subscriptions_open: Subscription {sold.pk} is ACTIVE." in found
    assert f"invoices_open: Invoice {other.number} is not paid." in found
    pending = Payment.objects.get(invoice=other)
    assert f"payments_open: Payment {pending.pk} is under way." in found
    assert "credits_open: Credit of 500 minor units is left." in found
    answer = Api()("delete", f"/accounts/{account.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "account_in_use")
    assert answer.json()["hint"]
    assert {each["pointer"] for each in answer.json()["errors"]} >= {"/subscriptions", "/invoices", "/payments"}


@pytest.mark.django_db
@pytest.mark.fr("FR-014")
def test_what_would_still_be_billed_is_open_too() -> None:
    account = payer()
    one_off(
        account_id=account.pk,
        sales=[Sale(description="x", unit_amount=Decimal(100), quantity=Decimal(1))],
        at=AT,
        actor=ACTOR,
    )
    assert [each.partition(":")[0] for each in kept_by(account)] == ["invoices_open"]
    metered = make_plan(
        key="m", prices={"USD": 0},
        charges=[{"key": "c", "metric": "c", "aggregation": "sum", "model": "graduated",
                  "prices": {"USD": {"tiers": [{"up_to": None, "unit_price": "1"}]}}}],
    )  # fmt: skip
    used = make_subscription(account=payer(), plan=metered)
    cancel(subscription_id=used.pk, at=AT + timedelta(days=1), actor=ACTOR)
    [said] = kept_by(used.account, AT + timedelta(days=2))
    assert said.startswith(f"usage_open: Usage of subscription {used.pk} is accepted until 2026-04-")
    assert gone(used.account, AT + timedelta(days=30)).deleted_at


@pytest.mark.django_db
@pytest.mark.fr("FR-014")
def test_a_dispute_keeps_it() -> None:
    account = payer()
    known_method(account)
    one = invoice(900, account=account)
    payment = Payment.objects.get(invoice=one)
    Dispute.objects.create(
        payment=payment, invoice=one, account=account, gateway_dispute_id="dp_1", status="OPEN", amount=900,
        withdrawn=0, currency="USD", opened_at=AT,
    )  # fmt: skip
    assert any("Dispute" in each for each in kept_by(account))


@pytest.mark.django_db
def test_nothing_is_sold_or_given_to_it() -> None:
    account, plan, api = gone(make_account()), make_plan(), Api()
    for path, body in (
        ("/subscriptions", {"account_id": str(account.pk), "plan_id": str(plan.pk)}),
        ("/invoices", {"account_id": str(account.pk), "lines": [{"description": "x", "unit_amount": 100}]}),
        ("/credits", {"account_id": str(account.pk), "amount": 100, "currency": "USD", "reason": "r"}),
        (f"/accounts/{account.pk}/payment-methods", {"payment_method_token": "pm_card_visa"}),
    ):
        refused = api.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "account_deleted"), path
        assert refused.json()["hint"]
    assert api.patch(f"/accounts/{account.pk}", {"name": "x"}).json()["code"] == "account_deleted"
    assert Subscription.objects.count() == 0


@pytest.mark.django_db
def test_stale_unknown_and_malformed() -> None:
    account, api = make_account(), Api()
    etag = api.get(f"/accounts/{account.pk}")["ETag"]
    api.patch(f"/accounts/{account.pk}", {"name": "Grace"})
    stale = api("delete", f"/accounts/{account.pk}", If_Match=etag)
    assert (stale.status_code, stale.json()["code"]) == (412, "version_changed")
    for unknown in ("01980000-0000-7000-8000-000000000009", "x"):
        assert api("delete", f"/accounts/{unknown}").status_code == 404
    assert Account.objects.get(pk=account.pk).deleted_at is None


@pytest.mark.django_db
@pytest.mark.fr("FR-139")
@pytest.mark.parametrize("role", list(Role))
def test_roles(role: Role) -> None:
    account = make_account()
    answer = Api(role.value)("delete", f"/accounts/{account.pk}")
    assert answer.status_code == (200 if may(role, "accounts", "write") else 403)


@pytest.mark.fr("FR-014")
def test_sold_to_and_deleted_at_once(committed_db: str) -> None:
    """Whoever is second is refused: never a subscription of an account that is deleted."""
    start = threading.Barrier(2)

    def at_once(what: Any) -> str:
        try:
            start.wait(10)
            what()
        except DomainError as error:
            return error.code
        else:
            return "done"
        finally:
            connection.close()

    for number in range(6):
        account, plan = make_account(), make_plan(key=f"plan-{number}", prices={"USD": 4900})
        with ThreadPoolExecutor(2) as two:
            verbs = [partial(gone, account), partial(make_subscription, account=account, plan=plan)]
            done = list(two.map(at_once, verbs))
        account.refresh_from_db()
        sold = Subscription.objects.filter(account=account).count()
        assert (sorted(done), bool(account.deleted_at), sold) in [
            (["account_deleted", "done"], True, 0), (["account_in_use", "done"], False, 1),
        ]  # fmt: skip
