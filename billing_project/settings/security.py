"""Who may come in, and what the browser may do."""

from csp.constants import NONE, SELF

from billing_project.settings.environment import LIVE, env

SECRET_KEY = env.str("SECRET_KEY", default="")
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[])
"""Fernet keys of encrypted columns: the first encrypts, all decrypt. Needed in live mode."""
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
"""How many proxies in front of us append to X-Forwarded-For; 0 trusts the socket alone."""
ANONYMOUS_RATE_LIMIT = env.int("ANONYMOUS_RATE_LIMIT", default=60)
"""Requests a minute from one address without a valid key."""

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["apps.access.backends.StaffBackend"]
STAFF_SECOND_FACTOR = LIVE or env.bool("STAFF_SECOND_FACTOR", default=False)
"""Whether a Super Admin needs a second factor; in live mode always. Whoever has set one up is always asked for it."""
STAFF_IDLE_MINUTES = env.int("STAFF_IDLE_MINUTES", default=60)
"""How long staff may look away before they sign in again."""
TOKEN_AUDIENCE = env.str("TOKEN_AUDIENCE", default="billing-api")
"""Whom access tokens are for; a deployment beside another on the same address needs a name of its own."""
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Whoever opens the form itself, and not by a page that asked for it, comes to the dashboard.
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SECURE_SSL_REDIRECT = LIVE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31536000 if LIVE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = LIVE
SESSION_COOKIE_SECURE = LIVE
CSRF_COOKIE_SECURE = LIVE

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF, "'unsafe-inline'"],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    }
}
