"""Tokens that come in bulk: a row each, and the worker attaches them one by one: row, call, record.

Killed in between, nothing is lost and nothing attached twice: the lease runs out and the call is repeated with the
row's id as its key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict
from apps.kernel.transactions import unit_of_work
from apps.payments.actions import lease
from apps.payments.actions.methods import activate, customer_of, refuse
from apps.payments.events import PaymentMethodAttachFailed
from apps.payments.gateway import GatewayRefused, current
from apps.payments.models import PaymentMethod
from apps.payments.objects import payment_method_objects
from apps.payments.queries import to_attach
from apps.payments.rules import MethodStatus


@dataclass(frozen=True)
class QueuedToken:
    """A gateway's token to attach to an account; it becomes the default if the account has none by then."""

    account_id: UUID
    token: str


def queue_tokens(tokens: Sequence[QueuedToken], *, actor: Actor) -> int:
    """Have these tokens attached by the worker; returns how many are new. Two queries for any number.

    A token that the account has already, whatever became of it, is not asked for again. The caller has locked the
    accounts.
    """
    now = clock.wall()
    with unit_of_work(actor):
        known = set(
            PaymentMethod.objects.filter(account_id__in={each.account_id for each in tokens}).values_list(
                "account_id", "token"
            )
        )
        rows = [
            PaymentMethod(account_id=each.account_id, token=each.token, status=MethodStatus.PENDING, next_call_at=now)
            for each in tokens
            if (each.account_id, each.token) not in known
        ]
        if rows:
            PaymentMethod.objects.bulk_create(rows)
            ring_after_commit("payments.sweep", "payments")
    return len(rows)


def attach_next(*, actor: Actor) -> lease.Turn:
    """Attach the waiting token whose turn it is."""
    return lease.turn(to_attach(), lambda method: _attach(method, actor), actor=actor)


def _attach(method: PaymentMethod, actor: Actor) -> None:
    gateway = current()
    try:
        customer_id = customer_of(method.account, gateway, actor)
        found = gateway.set_up(customer_id=customer_id, token=method.token, key=str(method.pk))
        activate(method, found, set_as_default=False, at=now_for(method.account), actor=actor)
    except GatewayRefused as error:
        _refused(method, error.code, error.message, actor)
    except Conflict:
        # activate() has refused it: the row says whose it is.
        return


def _refused(method: PaymentMethod, code: str, message: str, actor: Actor) -> None:
    with unit_of_work(actor):
        account = accounts.lock([method.account_id])[method.account_id]
        if not refuse(method, code, message, actor):
            return
        publish(
            [
                PaymentMethodAttachFailed(
                    object=payment_method_objects([method])[0],
                    object_id=method.pk,
                    account_id=account.pk,
                    effective_at=now_for(account),
                )
            ],
            lane=Lane.RUN,
        )
