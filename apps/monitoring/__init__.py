"""Sight: logs, request ids, metrics, probes, invariants.

Owns: no tables; the log format, /metrics, /health and /health/ready, numbers read from the database, the invariants.
Does not own: the metrics that other apps declare and count in their own `metrics.py`.
Calls: the queries of every app below, read only.
Announces: nothing.
"""
