"""Metrics of access."""

from prometheus_client import Counter

sign_ins_locked = Counter("sign_ins_locked", "Tries to sign in under a name that was locked after failed ones")
rate_limit_bypassed = Counter("rate_limit_bypassed", "Requests let through uncounted, because Redis was away or slow")
