"""How a member of the staff is known by name and password, in the back office and over the API."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from apps.access.actions.attempts import attempt, succeeded
from apps.kernel import clock


class StaffBackend(ModelBackend):
    """Django's own, with a limit on tries: each is counted before the password is looked at."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        """The user, None, or TooManyRequests (which doors show)."""
        if not username or password is None or len(username) > 150 or "\0" in username + password:
            return None
        attempt(username, at=clock.wall())
        user = super().authenticate(request, username=username, password=password, **kwargs)
        if user is not None:
            succeeded(username)
        return user
