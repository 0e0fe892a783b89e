"""What an account shows of its payment methods."""

from uuid import UUID

from apps.accounts.registry import contribute, expand
from apps.payments import queries
from apps.payments.objects import PaymentMethodObject, payment_method_objects


def _default_method(account_id: UUID) -> PaymentMethodObject | None:
    shown = queries.default_methods([account_id]).get(account_id)
    return payment_method_objects([shown])[0] if shown else None


contribute("default_payment_method_id", queries.default_method_ids, default=None)
expand("default_payment_method", _default_method)
