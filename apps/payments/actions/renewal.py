"""A payment method as the gateway has it now: cards are renewed by their banks, and taken off by somebody there."""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Now

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.kernel.actors import Actor
from apps.kernel.transactions import unit_of_work
from apps.payments.actions.methods import take_off
from apps.payments.actions.open import open_for_account
from apps.payments.gateway import Method, current
from apps.payments.models import PaymentMethod
from apps.payments.rules import MethodStatus

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
        **new, declined_at=None, version=F("version") + 1, updated_at=Now()
    )
    method.refresh_from_db()
    if was_declined or method.is_default:
        open_for_account(method, at=at)
