"""What may be done to an invoice."""

from datetime import datetime
from typing import Any

from django import forms

from apps.backoffice.asking.fields import MoneyField, reason
from apps.backoffice.asking.payments import PAY
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.backoffice.tables import Table
from apps.invoices.actions.apply import apply_now
from apps.invoices.actions.credit_note import credit_note, left_to_credit
from apps.invoices.actions.write_off import reverse_write_off, write_off
from apps.invoices.models import Invoice, WriteOff
from apps.invoices.objects_credit_note import credit_note_objects
from apps.invoices.queries import balances
from apps.invoices.rules import Status
from apps.kernel.actors import Actor
from apps.kernel.columns import NOTHING, amount
from apps.kernel.money import Money
from apps.payments.models import Refund
from apps.subscriptions.actions.void import void

FINAL = (Status.OPEN, Status.PAID)


class VoidForm(QuestionForm):
    """Why, and what becomes of its days."""

    replace_it = forms.ChoiceField(
        choices=[("yes", "A corrected invoice takes its place"), ("no", "Nothing: its days are never billed")],
        label="What follows",
    )
    payment = forms.ChoiceField(
        choices=[("credit", "It becomes the account's credit"), ("refund", "It goes back to the customer")],
        label="What is paid of it",
        required=False,
    )
    reason = reason()

    def clean_replace_it(self) -> bool:
        """Whether a corrected invoice follows."""
        return self.cleaned_data["replace_it"] == "yes"

    def clean_payment(self) -> str:
        """Credit, unless it is said."""
        return self.cleaned_data["payment"] or "credit"


class CreditNoteForm(QuestionForm):
    """How much of it, and why."""

    amount = MoneyField(required=False, min_value=0)
    reason = reason(max_length=500)
    left: int

    def prepare(self) -> None:
        field: Any = self.fields["amount"]
        field.currency = self.row.currency
        field.label = f"Amount in {self.row.currency}"
        self.left = left_to_credit(self.row.pk)
        field.help_text = f"With tax; {self._most()} at most. Empty: all of that."

    def clean_amount(self) -> int:
        """All that is left, unless it is said."""
        given = self.cleaned_data["amount"]
        if given is not None and given > self.left:
            raise forms.ValidationError(f"At most {self._most()} is left to credit.")
        return self.left if given is None else int(given)

    def _most(self) -> str:
        return str(Money(self.left, self.row.currency))


class WriteOffForm(QuestionForm):
    """Why."""

    reason = reason(max_length=500)


def _void(row: Invoice, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    paid = balances([row.pk])[row.pk].amount_paid
    done = void(invoice_id=row.pk, at=at, actor=actor, **given)
    back = sum(each.amount for each in Refund.objects.filter(invoice=row, credit_note=None))
    shown = []
    if paid > 0:
        cells = [("Goes back to the customer", amount(back, row.currency)),
                 ("To the account's credit", amount(paid - back, row.currency))]  # fmt: skip
        shown = [Table("What is paid of it", ("", "Amount"), cells)]
    if done.replacement_id is None:
        return Outcome(f"{row} is void. Nothing stands in its place.", shown)
    return Outcome(f"{row} is void. A corrected invoice stands in its place.", shown)


def _credit_note(row: Invoice, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    note = credit_note(invoice_id=row.pk, at=at, actor=actor, **given)
    shown = credit_note_objects([note])[0]
    cells = [
        *((line.description, amount(line.amount, row.currency), amount(line.tax_amount, row.currency))
          for line in shown.lines),
        ("Total with tax", amount(shown.total, row.currency), NOTHING),
        ("Off the open balance", amount(shown.settled, row.currency), NOTHING),
        ("To the account's credit", amount(shown.credited, row.currency), NOTHING),
    ]  # fmt: skip
    return Outcome(f"A credit note for {row} is issued.", [Table("Credit note", ("What", "Net", "Tax"), cells)])


def _write_off(row: Invoice, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    left = balances([row.pk])[row.pk].balance
    write_off(invoice_id=row.pk, at=at, actor=actor, **given)
    return Outcome(f"What was left of {row} is given up.", [_sum("Given up", left, row)])


def _claim(row: Invoice, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    reverse_write_off(invoice_id=row.pk, at=at, actor=actor)
    return Outcome(f"{row} is claimed again.", [_sum("Open again", balances([row.pk])[row.pk].balance, row)])


def _apply(row: Invoice, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    before = balances([row.pk])[row.pk].balance
    apply_now(invoice_id=row.pk, at=at, actor=actor)
    left = balances([row.pk])[row.pk].balance
    table = Table(
        "Credit",
        ("", "Amount"),
        [("Paid by the account's credit", amount(before - left, row.currency)),
         ("Left to pay", amount(left, row.currency))],
    )  # fmt: skip
    return Outcome(f"The account's credit is put against {row}.", [table])


def _sum(text: str, value: int, row: Invoice) -> Table:
    return Table(text, ("", "Amount"), [("Balance", amount(value, row.currency))])


def _given_up(row: Invoice) -> bool:
    return WriteOff.objects.filter(invoice=row, reversed_at=None).exists()


QUESTIONS = (
    PAY,
    Question(
        way="credit-note", title="Credit note", icon="undo", resource="credit_notes", form=CreditNoteForm,
        meaning="Takes back all or a part of it by a document with a number of its own. The open balance falls; what "
        "is paid already becomes the account's credit.",
        perform=_credit_note, fits=lambda row: row.status in FINAL, refusal="Only a final invoice can be credited.",
    ),
    Question(
        way="apply-credit", title="Apply credit", icon="savings", resource="credits",
        meaning="The account's credit pays what it can of this invoice.",
        perform=_apply, fits=lambda row: row.status == Status.OPEN, refusal="Nothing of it is left to pay.",
    ),
    Question(
        way="write-off", title="Write off", icon="money_off", resource="write_off", form=WriteOffForm,
        meaning="What is left of it is given up: a loss in the books. It can be taken back.",
        perform=_write_off, danger=True,
        fits=lambda row: row.status == Status.OPEN, refusal="Only what is open can be written off.",
    ),
    Question(
        way="claim-again", title="Claim again", icon="history", resource="write_off",
        meaning="The write-off is taken back, and the invoice is open again.",
        perform=_claim, fits=_given_up, refusal="It is not written off.",
    ),
    Question(
        way="void", title="Void", icon="block", resource="invoices", form=VoidForm,
        meaning="It counts no more; its number stays used. What was paid becomes credit, or goes back.",
        perform=_void, danger=True,
        fits=lambda row: row.status in FINAL, refusal="It is void already.",
    ),
)  # fmt: skip
