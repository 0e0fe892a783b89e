"""Ground that every room stands on: money, dates, ids, errors, the clock.

Owns: Money, currencies, rounding, Period and calendar arithmetic, UUIDv7, the only reader of the system
clock, the registry of due work, the shape of an error, base classes. Does not own: tables, HTTP, any
noun of billing. Calls: nothing. Announces: nothing.
"""
