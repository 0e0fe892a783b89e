"""What accounts announce."""

from dataclasses import dataclass
from typing import ClassVar

from apps.events.declare import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AccountCreated(DomainEvent):
    type: ClassVar[str] = "account.created"


@dataclass(frozen=True, kw_only=True)
class AccountUpdated(DomainEvent):
    type: ClassVar[str] = "account.updated"
