"""What payments announce."""

from apps.events.declare import DomainEvent


class PaymentSucceeded(DomainEvent):
    """Money has come in."""

    type = "payment.succeeded"


class PaymentCreated(DomainEvent):
    """An invoice is tried again: its retry is due, it can be paid by another method, or somebody asked."""

    type = "payment.created"


class PaymentRequiresAction(DomainEvent):
    """The customer is to confirm a payment, at its `action_url`."""

    type = "payment.requires_action"


class PaymentFailed(DomainEvent):
    """An attempt to collect ended without money."""

    type = "payment.failed"


class InvoicePaymentFailed(DomainEvent):
    """An attempt to collect an invoice ended without money. The object is the invoice, which stays open."""

    type = "invoice.payment_failed"


class PaymentRetriesExhausted(DomainEvent):
    """An invoice could not be collected, and is not tried again by itself."""

    type = "payment.retries_exhausted"


class PaymentRefunded(DomainEvent):
    """Money of a payment was given back; `amount_refunded` says how much in all."""

    type = "payment.refunded"


class PaymentRefundFailed(DomainEvent):
    """A refund did not arrive: it is the account's credit now. The object is the refund."""

    type = "payment.refund_failed"


class PaymentDisputed(DomainEvent):
    """The customer's bank questions a payment; what it `took` is owed again. The object is the dispute."""

    type = "payment.disputed"


class PaymentDisputeClosed(DomainEvent):
    """A dispute is decided; won, what was taken is back."""

    type = "payment.dispute_closed"


class PaymentMethodAttached(DomainEvent):
    """A payment method was verified and can be charged."""

    type = "payment_method.attached"


class PaymentMethodAttachFailed(DomainEvent):
    """The gateway refused a token that waited to be verified."""

    type = "payment_method.attach_failed"


class PaymentMethodExpiring(DomainEvent):
    """A card is in its last month."""

    type = "payment_method.expiring"


class PaymentMethodDetached(DomainEvent):
    """A payment method was taken off."""

    type = "payment_method.detached"


class DifferenceFound(DomainEvent):
    """The gateway and our books do not agree: a task for finance. The object is the difference."""

    type = "reconciliation.difference_found"
