"""What this company's billing starts from when nobody says otherwise."""

from decimal import Decimal

from billing_project.settings.environment import LIVE, env

BILLING_CURRENCY = env.str("BILLING_CURRENCY", default="USD")
BILLING_TIMEZONE = env.str("BILLING_TIMEZONE", default="UTC")
BILLING_COUNTRY = env.str("BILLING_COUNTRY", default="US")
BILLING_LOCALE = env.str("BILLING_LOCALE", default="en_US")
BILLING_NET_TERMS_DAYS = env.int("BILLING_NET_TERMS_DAYS", default=30)
BILLING_INVOICE_PREFIX = env.str("BILLING_INVOICE_PREFIX", default="INV")
BILLING_CREDIT_NOTE_PREFIX = env.str("BILLING_CREDIT_NOTE_PREFIX", default="CN")
BILLING_TEST_CLOCKS = env.bool("BILLING_TEST_CLOCKS", default=False) and not LIVE
BILLING_LIVEMODE = LIVE
BILLING_API_VERSION = "2026-11-01"
BILLING_RENEWAL_BATCH = 500
# A run whose forecast is beyond one of these waits for approval; without the first two none is ever held.
BILLING_RUN_HOLD_PERCENT = env.get_value("BILLING_RUN_HOLD_PERCENT", cast=Decimal, default=None)
BILLING_RUN_HOLD_STOPPED = env.get_value("BILLING_RUN_HOLD_STOPPED", cast=int, default=None)
BILLING_RUN_HOLD_FROM = env.int("BILLING_RUN_HOLD_FROM", default=100)
BILLING_RUN_APPROVALS = env.int("BILLING_RUN_APPROVALS", default=1)
# When a change's proration is invoiced: at once, or (one document a day) after the account's local midnight.
BILLING_PRORATION_INVOICE_AT = env.str("BILLING_PRORATION_INVOICE_AT", default="now")
if BILLING_PRORATION_INVOICE_AT not in ("now", "day_end"):
    raise ValueError(f"BILLING_PRORATION_INVOICE_AT is {BILLING_PRORATION_INVOICE_AT!r}: set it to now or day_end")
BILLING_URL = env.str("BILLING_URL", default="http://127.0.0.1:18080").rstrip("/")
BILLING_LINK_DAYS = env.int("BILLING_LINK_DAYS", default=90)
"""How long the links work with which customers read and pay their invoices."""
