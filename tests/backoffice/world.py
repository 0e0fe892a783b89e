"""A small company in which every page of the back office has a row to show."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from apps.access.models import ApiKey
from apps.accounts.models import Account
from apps.clocks.actions import create as make_clock
from apps.clocks.models import TestClock
from apps.coupons.models import Coupon
from apps.credits.models import Grant
from apps.dunning.actions.hold import hold, release
from apps.dunning.actions.policies import assign
from apps.dunning.actions.policies import create as make_policy
from apps.dunning.models import Policy, Standing
from apps.dunning.rules import DEFAULT
from apps.events.models import Delivery, Event
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.monitoring.models import Alert, Backup, InfrastructureCost, ProbeResult
from apps.notifications.actions.wordings import save
from apps.notifications.actions.write import send_again
from apps.notifications.models import Message, Suppression
from apps.notifications.rules import Kind
from apps.payments.models import (
    BankLine,
    Difference,
    Dispute,
    GatewayMovement,
    GatewayNotice,
    Payment,
    Reconciliation,
    Refund,
)
from apps.subscriptions.models import BillingRun, BulkMove, Rerating, RunFailure, Subscription
from apps.usage.actions.correct import void
from apps.webhooks.actions.endpoints import create as make_endpoint
from apps.webhooks.models import Attempt, Resend
from apps.webhooks.models import Delivery as Webhook
from tests.factories.coupons import make_coupon
from tests.factories.credits import credit
from tests.factories.invoices import ACTOR, payer
from tests.factories.payments import known_method
from tests.factories.subscriptions import make_subscription
from tests.factories.tax import answered, rate, registered
from tests.factories.usage import opened, used


@dataclass
class World:
    account: Account
    subscription: Subscription
    invoice: Invoice
    payment: Payment
    message: Message
    clock: TestClock
    run: BillingRun
    failure: RunFailure
    grant: Grant
    coupon: Coupon
    rerating: Rerating
    standing: Standing
    policy: Policy
    suppression: Suppression
    difference: Difference


def world(**fields: Any) -> World:
    """Grace has a card, a credit that was used, an open invoice, a mail; a run stopped at her subscription."""
    account = payer(**{"name": "Grace Hopper", "email": "grace@example.com", "external_key": "crm-9", **fields})
    known_method(account)
    given = credit(account, 900)
    coupon = make_coupon(percent_off=Decimal(1))
    subscription = make_subscription(account=account, at=clock.wall(), external_key="seat-9", coupon=coupon.code)
    invoice = Invoice.objects.get(account=account)
    message = send_again(invoice_id=invoice.pk, actor=ACTOR)
    made = make_clock(name="Spring", frozen_time=clock.wall(), actor=ACTOR)
    run = BillingRun.objects.create(at=clock.wall(), status="FINISHED", due=2, done=1, invoices=1, failed=1,
                                    finished_at=clock.wall())  # fmt: skip
    failure = RunFailure.objects.create(run=run, subscription=subscription, reason="price_missing: no price in USD")
    BulkMove.objects.create(
        plan=subscription.plan, to_version=subscription.plan_version, effective="now", proration_behavior="none", due=1,
        actor="system:tests",
    )  # fmt: skip
    version = subscription.plan_version
    rerating = Rerating.objects.create(
        plan=subscription.plan, plan_version=version, corrected_version=version, reason="typo", due=1, actor="user:1",
    )  # fmt: skip
    metered = opened(subscription_id=subscription.pk, account_id=account.pk)
    (event, *_) = used(metered.subscription_id, 5, 7).stored.values()
    void(event_id=event, reason="Sent twice", at=clock.wall(), actor=ACTOR)
    GatewayNotice.objects.create(gateway_event_id="evt_9", event_type="charge.failed", object_id="ch_9")
    payment = Payment.objects.get()
    about: dict[str, Any] = {"payment": payment, "invoice": invoice, "account": account, "currency": "USD"}
    Refund.objects.create(amount=100, status="FAILED", reason="late", actor="system:tests", **about)
    Dispute.objects.create(
        gateway_dispute_id="du_9", status="INQUIRY", amount=100, withdrawn=0, opened_at=clock.wall(), **about
    )
    different = Difference.objects.create(
        kind="payment_not_at_gateway", subject="pi_9", fix="look_again", account=account, payment=payment,
        outside_amount=0, outside_currency="USD", our_amount=100, our_currency="USD", seen_at=clock.wall(),
    )  # fmt: skip
    GatewayMovement.objects.create(
        gateway_id=f"txn_{account.pk}", side="charge", amount=100, currency="USD", charge_id="pi_8", source_id="ch_8",
        at=clock.wall(),
    )  # fmt: skip
    BankLine.objects.create(
        digest=account.pk.hex, booked_on=clock.wall(), amount=100, currency="USD", reference="who?", payer="Eve",
        file="april.csv", number=2,
    )  # fmt: skip
    Reconciliation.objects.create(whole=True, since=clock.wall() - timedelta(hours=1), until=clock.wall())
    hold(account_id=account.pk, reason="Disputes it", actor=ACTOR)
    release(account_id=account.pk, actor=ACTOR)
    silent = Suppression.objects.create(
        address="old@example.com", scope="all", cause="bounced", message=message, actor="system:tests"
    )
    save(kind=Kind.SETTLED, language="en", subject="Thanks", body="Thank you, {customer}.", actor=ACTOR)
    own = make_policy(name=f"Policy of {account.pk}", terms=DEFAULT, actor=ACTOR)
    assign(account_ids=[account.pk], policy_id=own.pk, actor=ACTOR)
    standing = Standing.objects.get(account=account)
    if not Delivery.objects.exists():
        Delivery.objects.create(event=Event.objects.latest("pk"), subscriber="somebody", lane="api")
    Alert.objects.create(
        alert_name="HighLatency", severity="warning", fired_at=clock.wall(), summary="API p95 is 600ms",
        runbook_url="https://runbooks.example.com/HighLatency.md", fingerprint=uuid4().hex,
    )  # fmt: skip
    ProbeResult.objects.create(region="eu-west", success=True, milliseconds=900, at=clock.wall())
    Backup.objects.create(kind="full", size=1000, finished_at=clock.wall())
    InfrastructureCost.objects.create(
        item=f"database {account.pk}", monthly_cents=22000, valid_from=clock.wall().date(), actor="system:tests"
    )
    hooked()
    registered("DE")
    answered("FR40303265045")
    rate("US-CA", "7.25")
    ApiKey.objects.create(
        name="warehouse", prefix="sk_test_ab", key_hash=uuid4().hex, role="support_rep", livemode=False
    )
    return World(
        account,
        subscription,
        invoice,
        Payment.objects.get(),
        message,
        made,
        run,
        failure,
        given,
        coupon,
        rerating,
        standing,
        own,
        silent,
        different,
    )


def hooked() -> None:
    """An endpoint with a number that it has been told, and a wish that was fulfilled."""
    fields = {"url": "https://93.184.216.34/hooks", "name": f"Hook {uuid4().hex}"}
    endpoint, _ = make_endpoint(fields=fields, at=clock.wall(), actor=ACTOR)
    told = Webhook.objects.create(
        endpoint=endpoint, event=Event.objects.latest("pk"), sequence=1, lane="api", status="DELIVERED", attempts=1,
        delivered_at=clock.wall(),
    )  # fmt: skip
    Attempt.objects.create(endpoint=endpoint, delivery=told, outcome="delivered", status_code=200, duration_ms=9)
    Resend.objects.create(
        endpoint=endpoint, scope="all", after=1, until=1, made=1, actor="system:tests", done_at=clock.wall()
    )
