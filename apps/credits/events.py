"""What credits announce."""

from apps.events.declare import DomainEvent


class CreditCreated(DomainEvent):
    """An account has a credit, by goodwill, overpayment or proration."""

    type = "credit.created"


class CreditApplied(DomainEvent):
    """A part of a credit paid an invoice: `applied_invoice_id`, `applied_amount`."""

    type = "credit.applied"
