"""Sums of sight: service levels and their error budgets, what the platform costs, what Alertmanager says."""
