"""One piece of every kind of pending work, each stuck in its own way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db.models import F

from apps.events.models import Delivery, Event
from apps.kernel import clock
from apps.kernel.backlog import State
from apps.payments.models import GatewayNotice, Payment, Reconciliation, Refund
from apps.subscriptions.models import BillingRun, BulkMove, Rerating, ThresholdCheck, UsageRecount
from apps.tax.models import TaxId
from apps.webhooks.models import Delivery as Webhook
from apps.webhooks.models import Resend
from tests.backoffice.world import World, world
from tests.factories.payments import known_method

HOUR = timedelta(hours=1)


@dataclass
class Planted:
    """Where each kind's piece is: its row, how it stands, and what is told of it ("" where nothing is)."""

    of: World
    past: datetime
    rows: dict[str, tuple[Any, State, str]]


def planted() -> Planted:
    """Workers died, the mail server and the gateway are away, a run is held, a clock has failed."""
    of, past = world(external_key=uuid4().hex), clock.wall() - HOUR
    lost = {"lease_token": uuid4(), "lease_until": past, "calls": 2}
    away = {"calls": 7, "next_call_at": clock.wall() + HOUR}
    account, payment = of.account, of.payment
    event = Event.objects.create(
        event_type="account.updated", effective_at=past, created_at=past, lane="api", object_id=account.pk, data={}
    )
    delivery = Delivery.objects.create(
        event=event, subscriber="dead.letters", lane="api", status="DEAD", attempts=8, last_error="ValueError: no way"
    )
    type(of.clock).objects.filter(pk=of.clock.pk).update(status="ADVANCING", target=F("frozen_time") + HOUR)
    type(of.clock).objects.filter(pk=of.clock.pk).update(
        status="FAILED", error="subscriptions.renew: no price", updated_at=past
    )
    Payment.objects.filter(pk=payment.pk).update(**lost, next_call_at=past)
    failed = Payment.objects.create(
        invoice=of.invoice, account=account, amount=100, currency="USD", status="FAILED", method="card",
        settled_at=past, next_retry_at=past, failure_message="Your card has insufficient funds.",
    )  # fmt: skip
    refund = Refund.objects.create(
        payment=failed, invoice=of.invoice, account=account, amount=100, currency="USD", status="PENDING",
        reason="late", actor="system:tests", **away, last_error="timed out after 20 s",
    )  # fmt: skip
    notice = GatewayNotice.objects.get()
    GatewayNotice.objects.filter(pk=notice.pk).update(next_call_at=past)
    pending = known_method(account, status="PENDING", is_default=False, gateway_id=None, **away, last_error="HTTP 500")
    detached = known_method(account, status="DETACHED", is_default=False, **away, last_error="HTTP 503")
    look = Reconciliation.objects.get(next_call_at=None)
    Reconciliation.objects.filter(pk=look.pk).update(**lost, next_call_at=past)
    type(of.message).objects.filter(pk=of.message.pk).update(status="FAILED", last_error="SMTP: refused", calls=8)
    subscription = of.subscription
    type(subscription).objects.filter(pk=subscription.pk).update(
        billing_error="price_missing: no price in USD", billing_retry_at=clock.wall() + HOUR, next_billing_at=past
    )
    unknown = TaxId.objects.create(number="LU30000070", country="LU", **away, last_error="VIES says MS_UNAVAILABLE.")
    held = BillingRun.objects.create(at=past, status="HELD", due=9, approvals_needed=1)
    move = BulkMove.objects.get()
    BulkMove.objects.filter(pk=move.pk).update(updated_at=past)
    Rerating.objects.filter(pk=of.rerating.pk).update(updated_at=past)
    recount = UsageRecount.objects.create(subscription=subscription, starts_at=past, due_at=past)
    check = ThresholdCheck.objects.create(subscription=subscription, starts_at=past, due_at=past)
    webhook = Webhook.objects.latest("pk")
    Webhook.objects.filter(pk=webhook.pk).update(status="PENDING")
    Webhook.objects.filter(pk=webhook.pk).update(status="FAILED", attempts=6, last_error="It answered 500.")
    resend = Resend.objects.create(
        endpoint=webhook.endpoint, scope="all", after=0, until=9, actor="system:tests", moved_at=past
    )
    return Planted(of, past, {
        "events.sequence": (event, State.LATE, ""),
        "events.deliveries": (delivery, State.STOPPED, "ValueError: no way"),
        "clocks.advance": (of.clock, State.STOPPED, "subscriptions.renew: no price"),
        "payments.charges": (payment, State.ABANDONED, ""),
        "payments.refunds": (refund, State.FAILING, "timed out after 20 s"),
        "payments.notices": (notice, State.LATE, ""),
        "payments.set_ups": (pending, State.FAILING, "HTTP 500"),
        "payments.detachments": (detached, State.FAILING, "HTTP 503"),
        "payments.looks": (look, State.ABANDONED, ""),
        "payments.retries": (failed, State.LATE, "Your card has insufficient funds."),
        "payments.differences": (of.difference, State.STOPPED, "a person decides"),
        "webhooks.deliveries": (webhook, State.STOPPED, "It answered 500."),
        "webhooks.resends": (resend, State.LATE, ""),
        "tax.numbers": (unknown, State.FAILING, "VIES says MS_UNAVAILABLE."),
        "notifications.messages": (of.message, State.STOPPED, "SMTP: refused"),
        "subscriptions.stopped": (subscription, State.FAILING, "price_missing: no price in USD"),
        "subscriptions.runs": (held, State.STOPPED, "It waits for approval."),
        "subscriptions.moves": (move, State.LATE, ""),
        "subscriptions.reratings": (of.rerating, State.LATE, ""),
        "subscriptions.late_usage": (recount, State.LATE, "price_missing: no price in USD"),
        "subscriptions.thresholds": (check, State.LATE, ""),
    })  # fmt: skip
