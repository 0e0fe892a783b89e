"""A customer gives a payment method in their own browser: the gateway's form takes it, we only hear its name."""

from uuid import UUID

from apps.accounts import queries as accounts
from apps.kernel.actors import Actor
from apps.kernel.errors import NotFound, Unavailable
from apps.kernel.ids import uuid7
from apps.payments.actions.methods import customer_of
from apps.payments.gateway import GatewayRefused, GatewayUnavailable, Setup, current


def begin_setup(*, account_id: UUID, actor: Actor) -> Setup:
    """Have the gateway await a method of this account; finished, `methods.add` takes its id.

    Calls the gateway: no transaction may be open. Errors: account_not_found (404), gateway_unavailable (503).
    """
    account = accounts.accounts().filter(pk=account_id).first()
    if account is None:
        raise NotFound("account_not_found", f"There is no account {account_id}.", hint="Check the id.")
    accounts.demand_open(account)
    gateway = current()
    try:
        return gateway.begin_setup(customer_id=customer_of(account, gateway, actor), key=str(uuid7()))
    except (GatewayUnavailable, GatewayRefused) as error:
        raise Unavailable(
            "gateway_unavailable",
            "The payment gateway does not answer.",
            hint="Try again in a moment; nothing was taken.",
            retry_after=5,
        ) from error
