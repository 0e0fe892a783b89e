"""The project's settings without what watches it: no request line, no counters, queries not timed."""

import os

from billing_project.settings import *  # noqa: F403
from billing_project.settings import DATABASES, MIDDLEWARE

OFF = ("django_prometheus.", "apps.monitoring.")
if os.environ.get("OBSERVED") != "1":
    MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith(OFF)]
    DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
    LOGGING = {"level": "CRITICAL", "stream": "stderr"}
