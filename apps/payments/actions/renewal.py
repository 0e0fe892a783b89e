"""A payment method as the gateway has it now: cards are renewed by their banks, and taken off by somebody there."""

from datetime import datetime

from django.db.models import F

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.schedule import Scope
from apps.kernel.transactions import unit_of_work
from apps.payments.actions.methods import take_off
from apps.payments.actions.open import open_for_account
from apps.payments.events import PaymentMethodExpiring
from apps.payments.gateway import Method, current
from apps.payments.models import PaymentMethod
from apps.payments.objects import payment_method_objects
from apps.payments.queries import to_expire
from apps.payments.rules import MethodStatus, last_month

BATCH = 500
SHOWN = ("card_brand", "card_last4", "card_exp_month", "card_exp_year")


def look_again(gateway_id: str, actor: Actor) -> str:
    """Fetch a method and write down what is new of it; returns why not, if it is none of ours."""
    known = PaymentMethod.objects.filter(gateway_id=gateway_id).first()
    if known is None:
        return "not a payment method of ours"
    found = current().fetch_method(gateway_id)
    with unit_of_work(actor):
        account = accounts.lock_one(known.account_id)
        method = PaymentMethod.objects.select_for_update(no_key=True).get(pk=known.pk)
        if method.status == MethodStatus.ACTIVE:
            _follow(method, found, now_for(account))
    return ""


def _follow(method: PaymentMethod, found: Method, at: datetime) -> None:
    if not found.attached:
        take_off(method, at=at)
        return
    new = {name: getattr(found, name) for name in SHOWN}
    if new == {name: getattr(method, name) for name in SHOWN}:
        return
    was_declined = method.declined_at is not None
    PaymentMethod.objects.filter(pk=method.pk).update(
        **new,
        declined_at=None,
        tell_expiry_at=last_month(found.card_exp_year, found.card_exp_month),
        version=F("version") + 1,
        updated_at=clock.wall(),
    )
    method.refresh_from_db()
    if was_declined or method.is_default:
        open_for_account(method, at=at)


def tell_expiring(*, at: datetime, scope: Scope, actor: Actor) -> int:
    """Announce the cards whose last month has begun, each once; returns how many."""
    with unit_of_work(actor):
        rows = list(to_expire(at, scope).select_for_update(skip_locked=True, no_key=True, of=("self",))[:BATCH])
        PaymentMethod.objects.filter(pk__in=[row.pk for row in rows]).update(tell_expiry_at=None)
        publish(
            [
                PaymentMethodExpiring(object=shown, object_id=shown.id, account_id=shown.account_id, effective_at=at)
                for shown in payment_method_objects(rows)
            ],
            lane=Lane.RUN,
        )
    return len(rows)
