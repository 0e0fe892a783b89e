"""What customers are told by mail.

Owns: Message, its words and its way to the mail server, who gets none. Does not own: what happened (it hears events),
the documents that are attached. Calls: accounts, invoices, payments, subscriptions, tax. Hears: invoice.created,
payment.succeeded, payment.failed, payment.requires_action, dunning.step_taken, credit.applied, credit_note.created.
Announces: nothing.
"""
