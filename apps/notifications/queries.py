"""Reads of messages, of how they are worded, and of who gets none."""

from collections.abc import Collection

from django.db.models import QuerySet

from apps.notifications.models import Message, Suppression, Wording
from apps.notifications.rules import Kind, Status
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


def suppressions(addresses: Collection[str]) -> dict[str, list[Suppression]]:
    """Of these addresses, in lower case, those that do not get everything, and why; the widest first."""
    found: dict[str, list[Suppression]] = {}
    rows = Suppression.objects.filter(address__in={each.lower() for each in addresses}, lifted_at=None)
    for row in rows.order_by("scope"):
        found.setdefault(row.address, []).append(row)
    return found
