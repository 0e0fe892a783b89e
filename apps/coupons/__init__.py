"""Coupons: percentages and amounts off charges, within limits that hold under races.

Owns: coupons, what they are attached to, and what of them has been used.
Does not own: invoices; whoever draws one up asks `rules.discounts` and records the uses.
Calls: accounts, plans, invoices (it is what takes coupons off sales).
Announces: nothing.
"""
