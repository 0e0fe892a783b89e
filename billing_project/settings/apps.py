"""What the project is made of."""

import sys

from billing_project.settings.environment import BASE_DIR

INSTALLED_APPS = [
    # Before the admin, whose templates it replaces.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "apps.backoffice.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_prometheus",
    "django_structlog",
    "djstripe",
    # Ours, lowest first.
    "apps.kernel",
    "apps.rest",
    "apps.events",
    "apps.audit",
    "apps.ledger",
    "apps.clocks",
    "apps.access",
    "apps.accounts",
    "apps.tax",
    "apps.credits",
    "apps.usage",
    "apps.coupons",
    "apps.plans",
    "apps.invoices",
    "apps.payments",
    "apps.subscriptions",
    "apps.dunning",
    "apps.webhooks",
    "apps.explain",
    "apps.notifications",
    "apps.monitoring",
    "apps.analytics",
    "apps.hosted",
    "graphene_django",
    "apps.graphql",
    "apps.backoffice",
]

MIDDLEWARE = [
    "apps.monitoring.http.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "apps.backoffice.policy.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.monitoring.requests.RequestMiddleware",
    "apps.rest.errors.ProblemMiddleware",
    "apps.backoffice.policy.PagesSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "apps.backoffice.policy.PagesAuthenticationMiddleware",
    "apps.backoffice.gate.GateMiddleware",
    "apps.backoffice.watch.WatchMiddleware",
    "apps.backoffice.policy.PagesMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.monitoring.http.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "billing_project.urls"
WSGI_APPLICATION = "billing_project.wsgi.application"
ASGI_APPLICATION = "billing_project.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static" / "site"]
# Files are served from where they lie; collected ones (`manage.py collectstatic`, for a proxy in front) come first.
_collected = BASE_DIR / "static" / "collected"
STATIC_ROOT = _collected if _collected.is_dir() or "collectstatic" in sys.argv else None
WHITENOISE_USE_FINDERS = True

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
