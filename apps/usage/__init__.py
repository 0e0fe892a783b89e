"""What customers use: events, each stored once, and what they add up to.

Owns: UsageEvent, Correction, the keys by which a repeated event is known, MeterWindow (what ingest may accept), rating
input. Does not own: what usage costs (plans), when it is billed and when windows open and close (subscriptions), lines
(invoices). Calls: clocks. Announces: nothing.
"""
