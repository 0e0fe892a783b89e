"""The heart: what a customer has agreed to, and what is owed for each day of it.

Owns: Subscription, BilledPeriod, UsageBill, the thresholds that usage has reached. Does not own: invoices (a document
that lies below), payments (strangers: they hear of an invoice by event). Calls: accounts, clocks, plans, invoices,
usage. Announces: subscription.created, subscription.updated, subscription.trial_ended, usage.threshold_reached.
"""
