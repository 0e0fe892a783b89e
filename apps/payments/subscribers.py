"""What payments do for invoices: they collect what is issued, and give back."""

from collections.abc import Sequence

from apps.events import waiting
from apps.invoices.registry import charges, collects, refunds
from apps.invoices.rules import Open
from apps.payments.actions.open import Owed, open_payments
from apps.payments.actions.refund import give_back
from apps.payments.queries import collected, settled

waiting.register(settled)
collects(collected)
refunds(give_back)


@charges
def open_for_invoices(issued: Sequence[Open]) -> None:
    """In the transaction that issues invoices, write the wish to be paid for each of them."""
    open_payments([Owed(each.invoice_id, each.account_id, each.balance, each.currency) for each in issued])
