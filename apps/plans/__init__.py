"""What is sold.

Owns: Plan, its versions and price lists. Does not own: subscriptions, tax rates (a version names a tax category).
Calls: audit, events. Announces: plan.created, plan.updated.
"""
