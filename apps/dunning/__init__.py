"""What happens when an account does not pay.

Owns: how far an account is behind (Standing), the policies by which that is judged, holds, and their history. Does not
own: what is owed (invoices), when a charge is tried again (payments), the mails (notifications). Calls: accounts,
invoices, payments. Hears: invoice.created, invoice.paid, invoice.voided, payment.retries_exhausted. Announces:
account.overdue, account.blocked, account.restored, dunning.step_taken.
"""
