"""Sight: logs, request ids, metrics, traces, probes, alerts, service levels, invariants.

Owns: Alert, LevelCount, ProbeResult, Backup, InfrastructureCost; the log format, /metrics, /health and /health/ready,
/internal, numbers read from the database, error budgets, the invariants.
Does not own: the metrics that other apps declare and count in their own `metrics.py`.
Calls: the queries of every app below, read only.
Announces: nothing.
"""
