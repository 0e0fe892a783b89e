"""Payment methods: a row with the token, a call that verifies it, and what the gateway said."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.accounts import queries as accounts
from apps.accounts.actions import shown_changed
from apps.accounts.models import Account
from apps.events.publish import publish
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from apps.kernel.transactions import unit_of_work
from apps.payments.actions import lease
from apps.payments.actions.open import open_for_account
from apps.payments.events import PaymentMethodAttached, PaymentMethodDetached
from apps.payments.gateway import Gateway, GatewayRefused, GatewayUnavailable, Method, current
from apps.payments.models import GatewayCustomer, PaymentMethod
from apps.payments.objects import payment_method_objects
from apps.payments.queries import default_method_ids, methods, to_detach
from apps.payments.rules import TOKEN, MethodStatus, Origin, Status, last_month

ANSWERED: dict[str, Any] = {"lease_token": None, "lease_until": None, "next_call_at": None, "calls": 0}
"""Nothing is left to ask about a method, until it is taken off."""


def add(
    *,
    account_id: UUID,
    token: str,
    set_as_default: bool,
    origin: Origin = Origin.METHOD,
    at: datetime,
    actor: Actor,
) -> PaymentMethod:
    """Verify a gateway token, attach it to the account's customer, and keep it. `origin`: of what is collected with it.

    Calls the gateway: no transaction may be open. Repeated with a token that is attached already, the same method.
    Errors: account_not_found (404), payment_method_token_invalid and payment_method_refused (422),
    payment_method_attached (409), gateway_unavailable (503).
    """
    account = accounts.accounts().filter(pk=account_id).first()
    if account is None:
        raise NotFound("account_not_found", f"There is no account {account_id}.", hint="Check the id in the path.")
    accounts.demand_open(account)
    if not TOKEN.fullmatch(token):
        raise Invalid(
            "payment_method_token_invalid",
            "This is not a token of the payment gateway.",
            hint="Send the id of a payment method (pm_...) or setup intent (seti_...), made with the gateway's form.",
        )
    method = _begin(account, token, actor)
    if method.status == MethodStatus.ACTIVE:
        return _kept(method, set_as_default, at, actor)
    gateway = current()
    try:
        customer_id = customer_of(account, gateway, actor)
        found = gateway.set_up(customer_id=customer_id, token=token, key=str(method.pk))
    except GatewayUnavailable as error:
        raise Unavailable(
            "gateway_unavailable",
            "The payment gateway does not answer.",
            hint="Send the same request again in a moment; nothing is attached twice.",
            retry_after=5,
        ) from error
    except GatewayRefused as error:
        refuse(method, error.code, error.message, actor)
        raise Invalid(
            "payment_method_refused",
            f"The gateway refuses the payment method: {error.message} ({error.code})",
            hint="Ask the customer for another card, or use the gateway's form to verify this one.",
        ) from error
    return activate(method, found, set_as_default=set_as_default, origin=origin, at=at, actor=actor)


def make_default(*, account_id: UUID, method_id: UUID, at: datetime, actor: Actor) -> PaymentMethod:
    """Charge this one from now on, and at once what could not be collected. Errors: payment_method_not_found (404)."""
    with unit_of_work(actor), _locked(account_id, at):
        method = _usable(account_id, method_id)
        was = method.is_default
        _set_default(method)
        method.refresh_from_db()
        if not was:
            open_for_account(method, at=at)
        return method


def detach(*, account_id: UUID, method_id: UUID, at: datetime, actor: Actor) -> None:
    """Take a payment method off; the newest of the others becomes the default. The gateway is told afterwards.

    Errors: payment_method_not_found (404), payment_method_in_use (409) while a payment with it is under way.
    """
    with unit_of_work(actor), _locked(account_id, at):
        method = _usable(account_id, method_id)
        if method.payments.filter(status=Status.PENDING).exists():
            raise Conflict(
                "payment_method_in_use",
                "A payment with this method is under way.",
                hint="Wait until it has ended, or add another method and make it the default.",
            )
        take_off(method, at=at)
        PaymentMethod.objects.filter(pk=method_id).update(next_call_at=clock.wall())
        ring_after_commit("payments.sweep", "payments")


def take_off(method: PaymentMethod, *, at: datetime) -> None:
    """Write down that a method is off, and let the newest of the others follow it; its account is locked."""
    heir = methods(method.account_id).exclude(pk=method.pk).order_by("-pk").first()
    was_default = method.is_default
    PaymentMethod.objects.filter(pk=method.pk).update(
        status=MethodStatus.DETACHED,
        is_default=False,
        calls=0,
        tell_expiry_at=None,
        version=F("version") + 1,
        updated_at=clock.wall(),
    )
    if was_default and heir is not None:
        _set_default(heir)
    method.refresh_from_db()
    publish([
        PaymentMethodDetached(
            object=payment_method_objects([method])[0],
            object_id=method.pk,
            account_id=method.account_id,
            effective_at=at,
        )
    ])  # fmt: skip


def detach_next(*, actor: Actor) -> lease.Turn:
    """Tell the gateway of the taken off method whose turn it is."""
    return lease.turn(to_detach(), lambda method: _detach(method, actor), actor=actor)


def _detach(method: PaymentMethod, actor: Actor) -> None:
    remark = ""
    try:
        current().detach(method_id=str(method.gateway_id), key=f"{method.pk}-{method.calls}")
    except GatewayRefused as error:
        remark = f"the gateway says {error.code}"  # it does not hold the method any more: what was wanted
    lease.finish(method, remark=remark, actor=actor)


@contextmanager
def _locked(account_id: UUID, at: datetime) -> Iterator[None]:
    """Lock the account; when its default is another one at the end, the account that shows it has changed."""
    locked = accounts.lock([account_id])
    before = default_method_ids([account_id]).get(account_id)
    yield
    after = default_method_ids([account_id]).get(account_id)
    if before != after:
        shown_changed(locked[account_id], previous_attributes={"default_payment_method_id": before}, at=at)


def _begin(account: Account, token: str, actor: Actor) -> PaymentMethod:
    """The row of this token: the one there is, or a new one that is not verified yet."""
    with unit_of_work(actor):
        accounts.lock([account.pk])
        alive = (MethodStatus.PENDING, MethodStatus.ACTIVE)
        begun = PaymentMethod.objects.filter(account=account, token=token, status__in=alive).first()
        return begun or PaymentMethod.objects.create(account=account, token=token, status=MethodStatus.PENDING)


def _kept(method: PaymentMethod, set_as_default: bool, at: datetime, actor: Actor) -> PaymentMethod:  # noqa: FBT001 - as sent
    """A method that is attached already, the default if that was asked for."""
    with unit_of_work(actor), _locked(method.account_id, at):
        method.refresh_from_db()
        if set_as_default and method.status == MethodStatus.ACTIVE:
            _set_default(method)
            method.refresh_from_db()
        return method


def customer_of(account: Account, gateway: Gateway, actor: Actor) -> str:
    """Who the account is at the gateway, made there now if need be."""
    known = GatewayCustomer.objects.filter(account=account).first()
    if known is not None:
        return known.gateway_id
    # The version is in the key, for the gateway refuses an old key with another name or address.
    key = f"{account.pk}-{account.version}"
    gateway_id = gateway.create_customer(account_id=account.pk, email=account.email, name=account.name, key=key)
    with unit_of_work(actor):
        return GatewayCustomer.objects.get_or_create(account=account, defaults={"gateway_id": gateway_id})[0].gateway_id


def activate(
    method: PaymentMethod,
    found: Method,
    *,
    set_as_default: bool,
    origin: Origin = Origin.METHOD,
    at: datetime,
    actor: Actor,
) -> PaymentMethod:
    """Record that the gateway has verified the method; the first one of an account is its default.

    What the account owes is collected. Errors: payment_method_attached (409).
    """
    with unit_of_work(actor), _locked(method.account_id, at):
        method = PaymentMethod.objects.select_for_update(no_key=True).get(pk=method.pk)
        if method.status != MethodStatus.PENDING:
            return method
        twin = PaymentMethod.objects.filter(gateway_id=found.gateway_id).first()
        if twin is None:
            activated = _activated(method, found, set_as_default, at)
            open_for_account(activated, origin=origin, at=at)
            return activated
        # The same method under another token of its own: a setup intent and what it verified.
        refuse(method, "payment_method_attached", f"Known as {twin.pk}.", actor)
    if (twin.account_id, twin.status) == (method.account_id, MethodStatus.ACTIVE):
        return _kept(twin, set_as_default, at, actor)
    raise Conflict(
        "payment_method_attached",
        "This payment method was attached before and taken off, or belongs to another account.",
        hint="Ask the customer to enter the card again; that makes a new token.",
    )


def _activated(method: PaymentMethod, found: Method, set_as_default: bool, at: datetime) -> PaymentMethod:  # noqa: FBT001 - as sent
    first = not methods(method.account_id).exists()
    PaymentMethod.objects.filter(pk=method.pk).update(
        status=MethodStatus.ACTIVE,
        gateway_id=found.gateway_id,
        type=found.type,
        card_brand=found.card_brand,
        card_last4=found.card_last4,
        card_exp_month=found.card_exp_month,
        card_exp_year=found.card_exp_year,
        tell_expiry_at=last_month(found.card_exp_year, found.card_exp_month),
        **ANSWERED,
        version=F("version") + 1,
        updated_at=clock.wall(),
    )
    if first or set_as_default:
        _set_default(method)
    method.refresh_from_db()
    publish([
        PaymentMethodAttached(
            object=payment_method_objects([method])[0],
            object_id=method.pk,
            account_id=method.account_id,
            effective_at=at,
        )
    ])  # fmt: skip
    return method


def refuse(method: PaymentMethod, code: str, message: str, actor: Actor) -> bool:
    """Record that the gateway refused the method; returns whether this was news."""
    with unit_of_work(actor):
        refused = PaymentMethod.objects.filter(pk=method.pk, status=MethodStatus.PENDING).update(
            status=MethodStatus.REFUSED,
            failure_code=code[:64],
            failure_message=message,
            **ANSWERED,
            version=F("version") + 1,
            updated_at=clock.wall(),
        )
    return refused > 0


def _set_default(method: PaymentMethod) -> None:
    PaymentMethod.objects.filter(account_id=method.account_id, is_default=True).exclude(pk=method.pk).update(
        is_default=False, version=F("version") + 1, updated_at=clock.wall()
    )
    PaymentMethod.objects.filter(pk=method.pk, is_default=False).update(
        is_default=True, version=F("version") + 1, updated_at=clock.wall()
    )


def _usable(account_id: UUID, method_id: UUID) -> PaymentMethod:
    found = methods(account_id).filter(pk=method_id).first()
    if found is None:
        raise NotFound(
            "payment_method_not_found",
            f"The account has no payment method {method_id}.",
            hint="List them with GET /v1/accounts/{id}/payment-methods.",
        )
    return found
