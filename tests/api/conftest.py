"""The whole API as deployed: every route of billing_project, a Super Admin's key, the gateway's sandbox."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from apps.access.actions import create_api_key
from apps.dunning.actions.hold import hold
from apps.events.models import Event
from apps.kernel import clock
from apps.kernel.actors import system
from apps.payments.models import Difference, Dispute, Payment
from apps.subscriptions.models import BillingRun, BulkMove, ReratedSubscription, Rerating, Subscription, UsageTerms
from apps.usage.actions.windows import replace_windows
from apps.webhooks.models import Delivery
from tests.factories.tax import answered
from tests.factories.usage import window
from tests.payments.conftest import Sandbox, process, sandbox

__all__ = ["EXAMPLES", "call", "key", "process", "sandbox"]

EXAMPLES: dict[str, Any] = json.loads(settings.REST_EXAMPLES.read_text())


@pytest.fixture
def key(db: None) -> str:
    return create_api_key(
        name="check", role="super_admin", livemode=False, rate_limit=0, at=clock.wall(), actor=system("test")
    )[1]


@pytest.fixture
def call(key: str) -> Callable[..., Any]:
    """`call("POST", "/v1/accounts", body)` as a Super Admin."""
    client = Client(headers={"Authorization": f"Bearer {key}", "Prefer": "wait=0"})

    def send(method: str, path: str, body: Any = None) -> Any:
        given = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(client, method.lower())(path, **given)

    return send


@dataclass(frozen=True)
class Known:
    """Ids of things that are there, by the start of the path that shows them."""

    account: str
    method: str
    body: dict[str, str]
    others: dict[str, str]

    def path(self, template: str) -> dict[str, str]:
        """The parameters of a path."""
        if template.startswith("/v1/accounts"):
            return {"id": self.account, "account_id": self.account, "method_id": self.method}
        found = next((known for start, known in self.others.items() if template.startswith(start)), "")
        names = re.findall(r"{(\w+)}", template)
        return {name: self.others["/v1/coupons"] if name == "coupon_id" else found for name in names}


def moved(plan_id: str, subscription_id: str) -> BulkMove:
    """A move that has finished."""
    version = Subscription.objects.get(pk=subscription_id).plan_version
    return BulkMove.objects.create(
        plan_id=plan_id, to_version=version, effective="now", proration_behavior="none", due=1, moved=1,
        actor="system:tests", finished_at=clock.wall(),
    )  # fmt: skip


def counted(subscription_id: str) -> Subscription:
    """The subscription with a period that has been counted to its end."""
    made = Subscription.objects.get(pk=subscription_id)
    for day, version_id in ((1, made.plan_version_id), (31, None)):
        UsageTerms.objects.create(
            subscription=made, since_on=date(2026, 1, day), since_at=datetime(2026, 1, day, tzinfo=UTC),
            plan_version_id=version_id, stops=version_id is None, period_start=date(2026, 1, 1),
            period_end=date(2026, 1, 31),
        )  # fmt: skip
    return made


def rerated(subscription_id: str) -> str:
    """The id of a re-rating of it that is billed."""
    made = counted(subscription_id)
    rerating = Rerating.objects.create(
        plan_id=made.plan_id, plan_version_id=made.plan_version_id, corrected_version_id=made.plan_version_id,
        reason="typo", due=1, status="FINISHED", actor="system:tests", billed_by="system:tests",
        finished_at=clock.wall(),
    )  # fmt: skip
    told = {"charge": "calls", "kind": "usage", "period_start": "2026-01-01", "period_end": "2026-01-31", "before": 2,
            "after": 1, "difference": -1, "billed_by": [{
                "line_id": str(made.pk), "invoice_id": str(made.pk), "invoice_number": "INV-1", "kind": "usage",
                "description": "calls", "amount": 2}]}  # fmt: skip
    ReratedSubscription.objects.create(
        rerating=rerating, subscription=made, currency="EUR", before=2, after=1, lines=[told],
        previewed_at=clock.wall(), done_at=clock.wall(),
    )  # fmt: skip
    return str(rerating.pk)


def disputed(payment_id: str) -> str:
    """The id of a dispute that its bank only asks about."""
    payment = Payment.objects.get(pk=payment_id)
    made = Dispute.objects.create(
        payment=payment, invoice_id=payment.invoice_id, account_id=payment.account_id, gateway_dispute_id="du_1",
        status="INQUIRY", amount=payment.amount, withdrawn=0, currency=payment.currency, opened_at=clock.wall(),
    )  # fmt: skip
    return str(made.pk)


def different(payment_id: str) -> str:
    """The id of a difference about a payment."""
    payment = Payment.objects.get(pk=payment_id)
    made = Difference.objects.create(
        kind="payment_not_at_gateway", fix="look_again", subject="pi_1", account_id=payment.account_id, payment=payment,
        outside_amount=0, our_amount=payment.amount, outside_currency=payment.currency, our_currency=payment.currency,
        seen_at=clock.wall(),
    )  # fmt: skip
    return str(made.pk)


def told(endpoint_id: str) -> None:
    """An endpoint that an event is to be sent to."""
    event = Event.objects.latest("created_at")
    Delivery.objects.create(endpoint_id=endpoint_id, event=event, sequence=1, lane=event.lane)


def metered(call: Callable[..., Any], subscription_id: str) -> str:
    """The id of an event that a subscription has used."""
    key = EXAMPLES["POST /v1/usage"]["subscription_external_key"]
    since, pk = datetime(2026, 1, 1, tzinfo=UTC), UUID(subscription_id)
    replace_windows({pk: since}, [window(subscription_id=pk, external_key=key, starts_at=since)])
    answer = call("POST", "/v1/usage", EXAMPLES["POST /v1/usage"])
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


@pytest.fixture
def known(call: Callable[..., Any], sandbox: Sandbox) -> Known:
    """One of everything, made as a customer would."""

    def made(path: str, example: str | None = None, **ids: str) -> dict[str, Any]:
        answer = call("POST", path, {**EXAMPLES[f"POST {example or path}"], **ids})
        assert answer.status_code == 201, answer.content
        return dict(answer.json())

    account, plan = made("/v1/accounts")["id"], made("/v1/plans")["id"]
    assert call("PATCH", f"/v1/accounts/{account}", {"tax_id": "FR40303265045"}).status_code == 200
    methods = "/v1/accounts/{account_id}/payment-methods"
    method = made(methods.format(account_id=account), methods)["id"]
    subscription = made("/v1/subscriptions", account_id=account, plan_id=plan)
    sale = made("/v1/invoices", account_id=account)["id"]
    came = {"account_id": account, "invoice_id": sale, "received_at": clock.wall().isoformat()}
    transfer = made("/v1/payments", **came)["id"]
    hold(account_id=UUID(account), reason="Disputes it", actor=system("tests"))
    others = {
        "/v1/plans": plan,
        "/v1/subscriptions": subscription["id"],
        "/v1/billing-runs": str(BillingRun.objects.create(at=clock.wall()).pk),
        "/v1/bulk-moves": str(moved(plan, subscription["id"]).pk),
        "/v1/re-ratings": rerated(subscription["id"]),
        "/v1/invoices": subscription["latest_invoice"]["id"],
        "/v1/payments": transfer,
        "/v1/refunds": made(f"/v1/payments/{transfer}/refunds", "/v1/payments/{id}/refunds")["id"],
        "/v1/disputes": disputed(transfer),
        "/v1/reconciliation/differences": different(transfer),
        "/v1/events": str(Event.objects.latest("created_at").pk),
        "/v1/tax/ids": str(answered("FR40303265045").pk),
        "/v1/tax/rates": made("/v1/tax/rates")["id"],
        "/v1/tax/registrations": made("/v1/tax/registrations")["id"],
        "/v1/api-keys": made("/v1/api-keys")["id"],
        "/v1/credits": made("/v1/credits", account_id=account)["id"],
        "/v1/test-clocks": made("/v1/test-clocks")["id"],
        "/v1/coupons": made("/v1/coupons")["id"],
        "/v1/pending-items": made("/v1/pending-items", account_id=account)["id"],
        "/v1/usage": metered(call, subscription["id"]),
        "/v1/credit-notes": made("/v1/credit-notes", invoice_id=subscription["latest_invoice"]["id"])["id"],
    }
    others["/v1/webhook-endpoints"] = made("/v1/webhook-endpoints")["id"]
    told(others["/v1/webhook-endpoints"])
    return Known(account, method, {"account_id": account, "plan_id": plan}, others)
