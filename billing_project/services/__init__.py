"""Embedded services of one DATA folder: PostgreSQL, Valkey and the Stripe sandbox, for whatever no variable names.

`ensure()` is the whole interface for commands and tests; `python manage.py services run|serve|status|stop` that for
operators. Imports neither Django nor any app.
"""

from billing_project.services.attach import ensure
from billing_project.services.errors import ServiceError

__all__ = ["ServiceError", "ensure"]
