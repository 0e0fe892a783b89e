"""Who knows the rates, and the register of VAT numbers of the European Union."""

from billing_project.settings.environment import env

TAX_PROVIDER = env.str("TAX_PROVIDER", default="rate_table")

VIES_API_BASE = env.str("VIES_API_BASE", default="https://ec.europa.eu/taxation_customs/vies/rest-api").rstrip("/")
VIES_TIMEOUT_SECONDS = env.float("VIES_TIMEOUT_SECONDS", default=10.0)
"""How long the worker waits for VIES to take a call, and for each part of its answer."""
VIES_PATIENCE_SECONDS = env.float("VIES_PATIENCE_SECONDS", default=3.0)
"""The same of the API, whose caller waits."""
for _name, _seconds in (("TIMEOUT", VIES_TIMEOUT_SECONDS), ("PATIENCE", VIES_PATIENCE_SECONDS)):
    # A worker holds a number for two minutes.
    if not 0 < _seconds <= 30:
        raise ValueError(f"VIES_{_name}_SECONDS is {_seconds:g}: set it above 0, and to 30 at most")
