"""Figures over what other apps hold, for finance. No tables.

Owns: what is counted as recovered, and how it is summed up. Does not own: any row it reads. Calls: accounts, invoices,
notifications, payments, subscriptions (reads). Announces: nothing.
"""
