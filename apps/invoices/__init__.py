"""Invoices: documents of what is owed, final once issued, and what has been settled of them.

Owns: Invoice, Line, TaxLine, NumberSeries, Settlement; issuing, numbering, balances. Does not own: what a period costs
(subscriptions), collecting money (payments), rates (tax), postings (ledger). Calls: accounts, tax, ledger, events.
Announces: invoice.created (when it is final), invoice.paid.
"""
