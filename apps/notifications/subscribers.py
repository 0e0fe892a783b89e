"""What notifications hear: an invoice that is final goes to its customer."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from apps.events.models import Event
from apps.events.registry import subscribe
from apps.notifications.actions.write import Told, announce


@subscribe("invoice.created", name="notifications.invoice")
def announce_invoices(events: Sequence[Event]) -> None:
    """Write a message for each of them."""
    announce([_told(event.data["object"]) for event in events])


def _told(shown: dict[str, Any]) -> Told:
    return Told(
        invoice_id=UUID(shown["id"]),
        account_id=UUID(shown["account_id"]),
        number=shown["number"] or "",
        currency=shown["currency"],
        total=shown["total"],
        balance=shown["balance"],
        due_date=date.fromisoformat(shown["due_date"]) if shown["due_date"] else None,
    )
