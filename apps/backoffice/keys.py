"""API keys as a Super Admin keeps them: made, rotated, revoked."""

from apps.access.admin import ApiKeyAdmin
from apps.backoffice.asking.chosen import AskingMany
from apps.backoffice.asking.keys import KEY, NEW_KEY, REVOKE
from apps.backoffice.asking.question import Adding, Asking
from apps.backoffice.pages import Surrounded


class KeyPage(Adding, Asking, AskingMany, Surrounded, ApiKeyAdmin):
    """A key, and what may be done to it."""

    adding, questions, many = NEW_KEY, KEY, (REVOKE,)
    noun, nobody = "keys", "No key is chosen: tick some in the list."
