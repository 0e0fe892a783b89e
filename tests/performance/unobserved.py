"""The web server of production, which answers without metrics and logs the requests that ask for it by X-Unobserved.

No middleware that counts or writes a line, and queries by Django's own cursor. Both are in one process because two
processes of the same code differ by up to five per cent, by where their memory lies.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db.backends.postgresql import base

from apps.monitoring import batch
from apps.monitoring.database.base import DatabaseWrapper, counting
from apps.monitoring.requests import RequestMiddleware
from billing_project.asgi import application
from billing_project.wsgi import Handler

REQUESTS = "apps.monitoring.requests.RequestMiddleware"
OFF = ("django_prometheus.", "apps.monitoring.")

asked = threading.local()


class Unrecorded(RequestMiddleware):
    """X-Request-ID is neither: callers get it, and the audit log keeps it."""

    def record(self, *_: Any) -> None:
        """No counters, no line."""


def _without_observation() -> WSGIHandler:
    observed, ours = settings.MIDDLEWARE, f"{Unrecorded.__module__}.{Unrecorded.__name__}"
    kept = (ours if name == REQUESTS else name for name in observed)
    settings.MIDDLEWARE = [name for name in kept if not name.startswith(OFF)]
    try:
        return Handler()
    finally:
        settings.MIDDLEWARE = observed


class Either:
    """Django twice. By X-Last whoever measures has done what the requests before have left to be done."""

    def __init__(self) -> None:
        self.observed, self.bare = application.django.application, _without_observation()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked.bare = "HTTP_X_UNOBSERVED" in environ
        answer = (self.bare if asked.bare else self.observed)(environ, start_response)
        if "HTTP_X_LAST" in environ:
            batch.flush()
        return answer


def _either(name: str) -> Callable[..., Any]:
    """A method of the wrapper of connections, as Django has it for requests that ask for that."""
    observed, bare = getattr(DatabaseWrapper, name), getattr(base.DatabaseWrapper, name)

    def chosen(self: Any, *args: Any) -> Any:
        return (bare if getattr(asked, "bare", False) else observed)(self, *args)

    return chosen


def create_cursor(self: Any, name: str | None = None) -> Any:
    """A connection of the pool makes cursors of the class that it was opened with."""
    is_bare = getattr(asked, "bare", False)
    self.connection.cursor_factory = base.Cursor if is_bare else counting(base.Cursor, self.alias, self.vendor)
    return base.DatabaseWrapper.create_cursor(self, name)


for method in ("get_connection_params", "get_new_connection"):
    setattr(DatabaseWrapper, method, _either(method))
DatabaseWrapper.create_cursor = create_cursor
application.django.application = Either()
