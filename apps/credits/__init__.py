"""What customers have in their favour.

Owns: Grant (the API's credit) and its uses, their order, expiry and balance. Does not own: invoices, which say what a
use pays. Calls: accounts, clocks, ledger, events. Announces: credit.created, credit.applied.
"""
