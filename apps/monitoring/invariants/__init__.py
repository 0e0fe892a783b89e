"""What must hold in the whole database, whatever happened: each as one query that returns what breaks it.

Scenarios end with them, the demo prints them, and production runs `manage.py invariants`. The database's constraints
make most faults impossible to store; these find what a constraint cannot see, across tables.
"""

from apps.monitoring.invariants.check import INVARIANTS, broken
from apps.monitoring.invariants.invariant import Broken, Invariant

__all__ = ["INVARIANTS", "Broken", "Invariant", "broken"]
