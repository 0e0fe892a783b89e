"""Invoices that would be made, as tables."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils.html import format_html

from apps.backoffice.tables import Table
from apps.invoices.fingerprint import ESTIMATED
from apps.invoices.objects import InvoiceObject, LineObject
from apps.kernel.columns import NOTHING, amount, label, on

COLUMNS = ("What", "Days", "Quantity", "Amount", "Discount", "Tax")


def invoice_tables(made: Sequence[InvoiceObject], following: InvoiceObject | None, timezone: str) -> list[Table]:
    """A table an invoice, and one of the renewal that comes after it. Days are local to the account."""
    zone = ZoneInfo(timezone)
    many = len(made) > 1
    found = [
        _table(each, f"Invoice {number} of {len(made)}" if many else "Invoice", zone)
        for number, each in enumerate(made, start=1)
    ]
    return [*found, _table(following, "After that, at the next renewal", zone)] if following else found


def _table(invoice: InvoiceObject, title: str, zone: ZoneInfo) -> Table:
    currency = invoice.currency
    sums = [("Total", invoice.total)]
    if invoice.credits_applied:
        sums += [("Paid by credit", -invoice.credits_applied), ("To pay", invoice.balance)]
    if invoice.due_date:
        title = f"{title}, due {invoice.due_date.day} {invoice.due_date:%b %Y}"
    return Table(
        title,
        COLUMNS,
        [
            *(_line(line, currency, zone) for line in invoice.lines),
            *(
                (format_html("<strong>{}</strong>", text), "", "", amount(value, currency), "", "")
                for text, value in sums
            ),
        ],
    )


def _line(line: LineObject, currency: str, zone: ZoneInfo) -> Sequence[object]:
    days = NOTHING
    if line.period_start and line.period_end:
        first, end = line.period_start.astimezone(zone).date(), line.period_end.astimezone(zone).date()
        days = format_html("{} to {}", on(first), on(end - timedelta(days=1)))
    what = format_html("{} {}", line.description, label("estimated")) if line.kind in ESTIMATED else line.description
    return (
        what, days, f"{line.quantity.normalize():f}", amount(line.amount, currency),
        amount(-line.discount_amount, currency) if line.discount_amount else NOTHING,
        amount(line.tax_amount, currency) if line.tax_amount else NOTHING,
    )  # fmt: skip
