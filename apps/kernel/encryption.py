"""Columns that only the application can read: encrypted with keys from the environment, which can be rotated.

The first of `ENCRYPTION_KEYS` encrypts, all of them decrypt. To rotate: put a new key first, run `manage.py reencrypt`,
take the old one away. Encrypted values cannot be searched or compared by the database.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Unreadable(Exception):
    """No key of this deployment opens the value."""


def encrypt(plain: str) -> str:
    """`plain` under the first key. The same text gives another value each time."""
    return _keys(_configured()).encrypt(plain.encode()).decode()


def decrypt(value: str) -> str:
    """What `encrypt` was given, under whichever of the keys."""
    try:
        return _keys(_configured()).decrypt(value.encode()).decode()
    except InvalidToken:
        raise Unreadable("None of ENCRYPTION_KEYS opens this value: put the key back that wrote it.") from None


def reencrypted(value: str) -> str:
    """The same content under the first key."""
    try:
        return _keys(_configured()).rotate(value.encode()).decode()
    except InvalidToken:
        raise Unreadable("None of ENCRYPTION_KEYS opens this value: put the key back that wrote it.") from None


class EncryptedField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted on its way to the database and decrypted on its way back."""

    description = "Encrypted text"

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared if prepared is None else encrypt(prepared)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return value if value is None else decrypt(value)


def _configured() -> tuple[str, ...]:
    """The keys as they are set. In test mode one follows from SECRET_KEY, so that nothing has to be set to try it."""
    given = tuple(settings.ENCRYPTION_KEYS)
    if given or settings.BILLING_LIVEMODE:
        return given
    return (urlsafe_b64encode(sha256(f"encryption:{settings.SECRET_KEY}".encode()).digest()).decode(),)


@lru_cache(maxsize=4)
def _keys(configured: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in configured])
