"""What customers are told by mail.

Owns: Message, its text and its way to the mail server. Does not own: what happened (it hears events). Calls: accounts,
invoices, payments. Hears: invoice.created. Announces: nothing.
"""
