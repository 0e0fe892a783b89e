"""The heart: what a customer has agreed to, and what is owed for each day of it.

Owns: Subscription, BilledPeriod. Does not own: invoices (a document that lies below), payments (strangers: they hear
of an invoice by event). Calls: accounts, clocks, plans, invoices. Announces: subscription.created,
subscription.updated, subscription.trial_ended.
"""
