"""What is sold.

Owns: Plan, its versions and price lists. Does not own: subscriptions, coupons' uses, tax rates. Calls: tax categories by
name only. Announces: plan.created, plan.updated.
"""
