"""Accounts, through their action."""

from datetime import UTC, datetime
from typing import Any

from apps.accounts import actions
from apps.accounts.models import Account
from apps.kernel.actors import Actor, system

ACTOR = system("tests")
AT = datetime(2026, 4, 1, 12, tzinfo=UTC)


def make_account(*, at: datetime = AT, actor: Actor = ACTOR, **fields: Any) -> Account:
    """An account of Ada's, in the deployment's currency, country and time zone unless told otherwise."""
    return actions.create(fields={"email": "ada@example.com", "name": "Ada", **fields}, at=at, actor=actor)
