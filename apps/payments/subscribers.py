"""What payments hear: an invoice that is final is to be collected."""

from collections.abc import Sequence
from uuid import UUID

from apps.events import waiting
from apps.events.models import Event
from apps.events.registry import subscribe
from apps.invoices.registry import collects, refunds
from apps.payments.actions.open import Owed, open_payments
from apps.payments.actions.refund import give_back
from apps.payments.queries import collected, settled

waiting.register(settled)
collects(collected)
refunds(give_back)


@subscribe("invoice.created", name="payments.open", inline=True)
def open_for_invoices(events: Sequence[Event]) -> None:
    """In the transaction that issues invoices, write the wish to be paid for each of them."""
    open_payments([
        Owed(
            invoice_id=event.object_id,
            account_id=UUID(str(event.account_id)),
            amount=event.data["object"]["balance"],
            currency=event.data["object"]["currency"],
        )
        for event in events
    ])  # fmt: skip
