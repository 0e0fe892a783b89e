"""The form by which staff sign in: it says so when a name is locked."""

from typing import Any

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from apps.kernel.errors import TooManyRequests


class SignInForm(AuthenticationForm):
    """Unfold's, with the refusal of a try too many as an error of the form."""

    def clean(self) -> Any:
        """As Django's."""
        try:
            return super().clean()
        except TooManyRequests as locked:
            raise ValidationError(locked.detail, code=locked.code) from locked
