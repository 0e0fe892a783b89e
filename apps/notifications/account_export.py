"""What an account's export holds of its mail: every message with its words, and why its addresses get none."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from msgspec import structs

from apps.accounts.queries import accounts
from apps.accounts.registry import section
from apps.notifications.models import Message, Suppression
from apps.notifications.objects import MessageObject, message_object
from apps.notifications.queries import messages
from apps.notifications.rules import Cause, Scope
from apps.rest.objects import ApiObject


class HeldMessageObject(MessageObject, kw_only=True, frozen=True):
    """A mail with its words."""

    text: str


class SuppressionObject(ApiObject, kw_only=True, frozen=True):
    """Why an address gets no mail, or none that it may do without; until it is lifted."""

    id: UUID
    address: str
    scope: Scope
    cause: Cause
    created_at: datetime
    lifted_at: datetime | None


def _messages(rows: Iterable[Message]) -> list[HeldMessageObject]:
    return [HeldMessageObject(**structs.asdict(message_object(row)), text=row.text) for row in rows]


def _suppressed(account_id: UUID) -> QuerySet[Suppression]:
    own = accounts().filter(pk=account_id).values_list(Lower("email"))
    written = messages().filter(account_id=account_id).values_list(Lower("to"))
    return Suppression.objects.filter(Q(address__in=own) | Q(address__in=written))


def _suppressions(rows: Iterable[Suppression]) -> list[SuppressionObject]:
    return [
        SuppressionObject(
            id=row.pk,
            address=row.address,
            scope=Scope(row.scope),
            cause=Cause(row.cause),
            created_at=row.created_at,
            lifted_at=row.lifted_at,
        )
        for row in rows
    ]


section("messages", HeldMessageObject, rows=lambda account_id: messages().filter(account_id=account_id), show=_messages)
section("suppressions", SuppressionObject, rows=_suppressed, show=_suppressions)
