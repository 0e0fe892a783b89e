"""Addresses that a customer opens without a login: signed, so that nobody can make one up, and good for some days.

The same day gives the same address, so an object that shows one does not change with every look.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.encoding import force_bytes

SALT = "invoices.links"
INVOICE, ACCOUNT = "i", "a"
"""What a link leads to: an invoice, or an account's payment method."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """Where a link of ours leads; `over`: it was good once."""

    kind: str
    id: UUID
    over: bool


def invoice_link(invoice_id: UUID, *, at: datetime) -> str:
    """The page on which an invoice is read and paid, good for BILLING_LINK_DAYS from the day of `at` (wall time)."""
    return invoice_links(at=at)(invoice_id)


def invoice_links(*, at: datetime) -> Callable[[UUID], str]:
    """The same for many: what they have in common is found once."""
    return _links(INVOICE, at)


def account_link(account_id: UUID, *, at: datetime) -> str:
    """The page on which an account's payment method is renewed."""
    return _links(ACCOUNT, at)(account_id)


def target_of(token: str, *, at: datetime) -> Target | None:
    """What a link leads to; None if it is not ours."""
    try:
        said = _signer().unsign(token)
        found, until = UUID(hex=said[1:33]), int(said[33:], 16)
    except (signing.BadSignature, ValueError):
        return None
    return Target(said[0], found, over=_day(at) > until)


def _links(kind: str, at: datetime) -> Callable[[UUID], str]:
    until = _day(at + timedelta(days=settings.BILLING_LINK_DAYS))
    page, signer = f"{settings.BILLING_URL}/pay/", _signer()
    return lambda row_id: page + signer.sign(f"{kind}{row_id.hex}{until:x}")


class _Signer(signing.Signer):
    """Django's, with the key that it derives from secret and salt derived once and not for each link of a list."""

    @cached_property
    def _derived(self) -> bytes:
        return hashlib.sha256(force_bytes(f"{SALT}signer") + force_bytes(self.key)).digest()

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        if key is not None or isinstance(value, bytes):
            return super().signature(value, key)
        return signing.b64_encode(hmac.digest(self._derived, value.encode(), self.algorithm)).decode()


def _signer() -> signing.Signer:
    return _signer_by(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _signer_by(key: str, fallbacks: tuple[str, ...]) -> signing.Signer:
    return _Signer(key=key, fallback_keys=list(fallbacks), salt=SALT, sep=".")


def _day(at: datetime) -> int:
    return (at - _EPOCH).days
