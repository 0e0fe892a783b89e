"""What an app may announce: one frozen class per event type, declared by subclassing: `type = "invoice.created"`."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

_NAME = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
_declared: dict[str, type["DomainEvent"]] = {}


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """Something that has happened. `object` is the API object as it is afterwards, whole.

    `previous_attributes` holds the former values of what changed; `effective_at` is the account's time.
    """

    type: ClassVar[str]
    version: ClassVar[int] = 1

    object: Any
    object_id: UUID
    account_id: UUID | None
    effective_at: datetime
    previous_attributes: dict[str, Any] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        name = cls.__dict__.get("type")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise TypeError(f"{cls.__qualname__} needs a type such as 'invoice.created', not {name!r}")
        if cls.version < 1:
            raise TypeError(f"{cls.__qualname__} needs a version of at least 1")
        if name in _declared:
            raise TypeError(f"{name} is declared already, by {_declared[name].__qualname__}")
        _declared[name] = cls


def declared() -> dict[str, type[DomainEvent]]:
    """All event types with their classes, by name."""
    return dict(sorted(_declared.items()))
