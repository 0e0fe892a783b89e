"""What customers are told by mail.

Owns: Message, its text and its way to the mail server. Does not own: what happened (it hears events), the document that
is attached. Calls: accounts, invoices, payments, tax. Hears: invoice.created. Announces: nothing.
"""
