"""Coupons: what takes money off charges, and what of it has been used."""
