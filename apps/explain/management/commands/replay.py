"""`manage.py replay`: bill stored invoices again in memory, with the present code, before an upgrade goes live."""

from collections.abc import Iterable

from apps.explain.checking import CheckingCommand
from apps.explain.replaying import replayed
from apps.explain.rules import Difference, Invoice


class Command(CheckingCommand):
    help = (
        "Work out past invoices with the present code from their stored inputs; ends with 1 on one cent of difference."
    )
    what = "the present code bills them"

    def check_invoice(self, invoice: Invoice) -> Iterable[Difference]:
        return replayed(invoice)
