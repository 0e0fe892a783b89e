"""What payments announce."""

from apps.events.declare import DomainEvent


class PaymentSucceeded(DomainEvent):
    """Money has come in."""

    type = "payment.succeeded"


class PaymentFailed(DomainEvent):
    """An attempt to collect ended without money."""

    type = "payment.failed"


class InvoicePaymentFailed(DomainEvent):
    """The same, told of the invoice that stays open."""

    type = "invoice.payment_failed"


class PaymentRetriesExhausted(DomainEvent):
    """An invoice could not be collected, and is not tried again by itself."""

    type = "payment.retries_exhausted"


class PaymentMethodAttached(DomainEvent):
    """A payment method was verified and can be charged."""

    type = "payment_method.attached"


class PaymentMethodAttachFailed(DomainEvent):
    """The gateway refused a token that waited to be verified."""

    type = "payment_method.attach_failed"


class PaymentMethodDetached(DomainEvent):
    """A payment method was taken off."""

    type = "payment_method.detached"
