"""How money comes in.

Owns: PaymentMethod, Payment, the gateway and what it tells us. Does not own: what is owed (invoices), when it is owed
again (dunning). Calls: accounts, invoices. Hears: invoice.created. Announces: payment.succeeded, payment.failed,
payment_method.attached, payment_method.attach_failed, payment_method.detached. The only app that knows Stripe, and it
in `stripe.py` alone.
"""
