"""What accounts announce."""

from dataclasses import dataclass
from typing import ClassVar

from apps.events.declare import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AccountCreated(DomainEvent):
    """There is a new account."""

    type: ClassVar[str] = "account.created"


@dataclass(frozen=True, kw_only=True)
class AccountUpdated(DomainEvent):
    """An account shows something else than before, by its own change or by what belongs to it."""

    type: ClassVar[str] = "account.updated"


@dataclass(frozen=True, kw_only=True)
class AccountDeleted(DomainEvent):
    """An account is deleted: nothing is sold to it any more. Its documents stay."""

    type: ClassVar[str] = "account.deleted"
