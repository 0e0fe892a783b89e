"""How money comes in, and goes back.

Owns: PaymentMethod, Payment, Refund, Dispute, the gateway and what it tells us, when a failed payment is tried again,
whether the gateway and our books agree (Reconciliation, GatewayMovement, Difference).
Does not own: what is owed (invoices), what becomes of who does not pay (dunning). Calls: accounts, invoices. Hears:
invoice.created. Announces: payment.created, payment.succeeded, payment.failed, payment.requires_action,
payment.retries_exhausted, payment.refunded, payment.refund_failed, payment.disputed, payment.dispute_closed,
invoice.payment_failed, payment_method.attached, payment_method.attach_failed, payment_method.expiring,
payment_method.detached, reconciliation.difference_found. The only app that knows Stripe, and it in `stripe/` alone.
"""
