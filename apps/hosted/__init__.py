"""Pages that customers open by a link: to read an invoice, pay it, and renew the payment method. No login, no tables.

Owns: what these pages say and show. Does not own: the links (invoices), any money. Calls: accounts, access (limits),
invoices, payments, notifications, tax. Announces: nothing.
"""
