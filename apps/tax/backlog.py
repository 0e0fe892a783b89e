"""Pending work here: VAT numbers about which VIES has not answered."""

from apps.kernel.backlog import Kind, register
from apps.tax.consultation import ask_again
from apps.tax.queries import unanswered

NUMBERS = register(
    Kind(
        name="tax.numbers",
        title="VAT numbers that VIES is asked about",
        rows=unanswered,
        next_at="next_call_at",
        calls="calls",
        reason="last_error",
        leased=True,
        try_now=lambda row, actor: ask_again(row_id=row.pk, actor=actor),
        button="Ask now",
    )
)
