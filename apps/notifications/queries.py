"""Reads of messages, of how they are worded, and of who gets none."""

from collections.abc import Collection

from django.db.models import QuerySet

from apps.notifications.models import Message, Suppression, Wording
from apps.notifications.rules import OPTIONAL, Kind, Scope, Status
from apps.notifications.words import shipped


def messages() -> QuerySet[Message]:
    """All messages."""
    return Message.objects.all()


def to_send() -> QuerySet[Message]:
    """Messages that wait for the mail server."""
    return Message.objects.filter(status=Status.PENDING)


def wordings(kinds: Collection[Kind], languages: Collection[str]) -> dict[tuple[Kind, str], tuple[str, str]]:
    """Subject and body of each message in each language: as staff say it, else as it is shipped."""
    said = {(kind, language): shipped(kind, language) for kind in kinds for language in languages}
    for each in Wording.objects.filter(kind__in=kinds, language__in=languages):
        said[Kind(each.kind), each.language] = (each.subject, each.body)
    return said


def suppressed(address: str, kind: Kind) -> Suppression | None:
    """Why an address gets no message of that kind, if so."""
    scopes = [Scope.ALL, Scope.OPTIONAL] if kind in OPTIONAL else [Scope.ALL]
    rows = Suppression.objects.filter(address=address.lower(), scope__in=scopes, lifted_at=None)
    return rows.order_by("scope").first()
