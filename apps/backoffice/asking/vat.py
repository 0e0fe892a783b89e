"""What staff do about a VAT number: have VIES asked about it again."""

from datetime import datetime
from typing import Any

from apps.backoffice.asking.question import Outcome, Question
from apps.kernel.actors import Actor
from apps.tax.consultation import ask_again
from apps.tax.models import TaxId


def _again(row: TaxId, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    ask_again(row_id=row.pk, actor=actor)
    return Outcome("VIES is asked at once. What it says stands here in a moment.")


NUMBER = (
    Question(
        way="ask-again", title="Ask VIES again", icon="refresh", resource="tax_rates",
        meaning="What VIES says counts for invoices from then on. Those that are there stay as they are.",
        perform=_again,
    ),
)  # fmt: skip
