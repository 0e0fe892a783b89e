"""What this company's billing starts from when nobody says otherwise."""

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
BILLING_URL = env.str("BILLING_URL", default="http://127.0.0.1:18080").rstrip("/")
TAX_PROVIDER = env.str("TAX_PROVIDER", default="rate_table")
