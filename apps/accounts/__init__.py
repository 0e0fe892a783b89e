"""Who is billed.

Owns: Account, its defaults and validation, its export. Does not own: payment methods, balances, overdue rules (upper
apps contribute what an account shows and exports of them through `registry`). Calls: audit, clocks, events. Announces:
account.created, account.updated.
"""
