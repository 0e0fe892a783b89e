"""Coupons: percentages and amounts off charges, within limits that hold under races.

Owns coupons, to what they are attached, and what of them has been used. Owns no invoice: whoever draws one up asks
`rules.discounts` and records the uses. Calls accounts and plans. Announces nothing.
"""
