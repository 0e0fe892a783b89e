"""`manage.py verify_invoices`: derive every stored invoice anew, independently of the code that made it."""

from collections.abc import Iterable

from apps.explain.checking import CheckingCommand
from apps.explain.rules import Difference, Invoice, derive


class Command(CheckingCommand):
    help = "Derive every stored invoice anew from its inputs, by an arithmetic of its own; ends with 1 on a difference."
    what = "derived"

    def check_invoice(self, invoice: Invoice) -> Iterable[Difference]:
        return derive(invoice).differences
