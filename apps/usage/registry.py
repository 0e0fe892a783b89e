"""What upper apps tell usage: which subscriptions an account has. Usage knows windows alone, by subscription."""

from collections.abc import Callable, Collection
from uuid import UUID

Owned = Callable[[UUID], Collection[UUID]]

_owned: list[Owned] = []


def tell_owned(load: Owned) -> None:
    """Let `load(account_id)` say whose events an account may read."""
    _owned.append(load)


def subscriptions_of(account_id: UUID) -> list[UUID]:
    """The subscriptions of an account, those that ended too."""
    return [id for load in _owned for id in load(account_id)]
