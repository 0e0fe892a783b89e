"""What is sold.

Owns: Plan, its versions, price lists and metered charges. Does not own: subscriptions, tax rates (a version names a tax
category), usage and its rating. Calls: audit, events. Announces: plan.created, plan.updated, plan.deleted.
"""
