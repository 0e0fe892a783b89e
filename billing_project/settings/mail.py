"""Mail. Without EMAIL_URL or EMAIL_HOST messages are shown in the worker's log, in test mode; live mode needs one."""

from billing_project.settings.environment import env

_url = env.email_url("EMAIL_URL", default="consolemail://")
_host = env.str("EMAIL_HOST", default=_url["EMAIL_HOST"] or "")
EMAIL_HOST = _host
EMAIL_PORT = env.int("EMAIL_PORT", default=_url["EMAIL_PORT"] or 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default=_url["EMAIL_HOST_USER"] or "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default=_url["EMAIL_HOST_PASSWORD"] or "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=_url.get("EMAIL_USE_TLS", False))
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=_url.get("EMAIL_USE_SSL", False))
EMAIL_TIMEOUT = 10
_sent = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default=_sent if _host else "apps.notifications.console.ConsoleBackend")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="billing@localhost")
# Where customers pay or change their payment method: your page. It may name {account_id} and {invoice_id}.
BILLING_PAYMENT_URL = env.str("BILLING_PAYMENT_URL", default="")
