"""What stands around every write: idempotency before, `Prefer: wait` after. Both are other apps', found by settings."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from rest_framework import exceptions as drf
from rest_framework.response import Response

from apps.kernel.errors import DomainError

MAX_WAIT = 60
_WAIT = re.compile(r"(?:^|[,;\s])wait=([0-9]{1,4})(?:$|[,;\s])")


def guarded(view: Any, run: Callable[[], Response], *, calls_outside: bool) -> Response:
    """Run the handler inside the idempotency guard, then hold the answer as the caller prefers.

    The guard gets refusals as answers, so that it can store and replay them; the unforeseen is raised through it.
    """

    def answered() -> Response:
        try:
            if not connection.in_atomic_block:
                return run()
            # A savepoint of its own: a refusal takes back all that the handler wrote, and the guard can still store.
            with transaction.atomic():
                return run()
        except (DomainError, drf.APIException) as error:
            response: Response = view.handle_exception(error)
            if response.status_code >= 500:
                raise
            return response

    guard = import_string(settings.REST_IDEMPOTENCY)
    response: Response = guard(view.request, answered, calls_outside=calls_outside)
    seconds = wait_seconds(view.request.headers.get("Prefer", ""))
    # A replayed answer ran nothing here, so there is nothing to wait for and nothing to render anew.
    if seconds and response.status_code < 400 and view.rerender is not None:
        import_string(settings.REST_WAIT)(float(seconds))
        response.data = view.rerender()
        response.headers["Preference-Applied"] = f"wait={seconds}"
    return response


def wait_seconds(prefer: str) -> int:
    """The seconds that `Prefer: wait=N` asks for, at most a minute; 0 where it asks for none."""
    match = _WAIT.search(prefer.lower())
    return min(int(match.group(1)), MAX_WAIT) if match else 0
