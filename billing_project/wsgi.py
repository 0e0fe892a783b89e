"""Django's application. Behind `asgi.py` in our own servers; alone under any WSGI server."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from apps.monitoring import telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_project.settings")
# Before Django is loaded: what is loaded already is not traced.
telemetry.start("web")

application = get_wsgi_application()
# Routes load now, not with the first request: a process that cannot load them never says that it is ready.
ROUTES = tuple(get_resolver().url_patterns)
