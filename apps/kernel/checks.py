"""System checks of the ground: live mode has keys of its own to encrypt with, and each is one."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error

_HOW = (
    'Make one with: python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
    " and set ENCRYPTION_KEYS; keep it where the backups are not."
)


def keys_encrypt(**kwargs: Any) -> list[CheckMessage]:
    """Secrets of webhooks are stored encrypted: by what, has to be said in live mode."""
    if settings.BILLING_LIVEMODE and not settings.ENCRYPTION_KEYS:
        return [Error("BILLING_MODE is live, and ENCRYPTION_KEYS is empty.", hint=_HOW, id="kernel.E001")]
    try:
        for key in settings.ENCRYPTION_KEYS:
            Fernet(key)
    except ValueError:
        return [Error("ENCRYPTION_KEYS holds something that is no key.", hint=_HOW, id="kernel.E002")]
    return []
