"""What tax hears: accounts that come with a tax id, and those whose tax id becomes another."""

from collections.abc import Sequence

from apps.events.models import Event
from apps.events.registry import subscribe
from apps.kernel.actors import system
from apps.tax.consultation import watch
from apps.tax.vat_rules import read

WATCHER = system("tax.watch")


@subscribe("account.created", "account.updated", name="tax.numbers", inline=True)
def watch_numbers(events: Sequence[Event]) -> None:
    """In the transaction that names them, so none is forgotten. Without a VAT number the database is asked nothing."""
    texts = {event.data["object"]["tax_id"] for event in events if _names_one(event)}
    watch([number for text in texts if text and (number := read(text))], actor=WATCHER)


def _names_one(event: Event) -> bool:
    previous = event.data["previous_attributes"]
    return previous is None or "tax_id" in previous
