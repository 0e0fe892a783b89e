"""Tables of payments: how money comes in and goes back, and whether the gateway says the same."""

from apps.payments.models.collecting import (
    Chargeback,
    Dispute,
    GatewayCustomer,
    GatewayNotice,
    OutsideWork,
    Payment,
    PaymentMethod,
    Refund,
)
from apps.payments.models.reconciliation import BankLine, Difference, GatewayMovement, Reconciliation

__all__ = [
    "BankLine", "Chargeback", "Difference", "Dispute", "GatewayCustomer", "GatewayMovement", "GatewayNotice",
    "OutsideWork", "Payment", "PaymentMethod", "Reconciliation", "Refund",
]  # fmt: skip
