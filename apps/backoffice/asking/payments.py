"""What may be done about money: ask for it again, give it back."""

from datetime import datetime
from typing import Any

from django import forms

from apps.backoffice.asking.fields import MoneyField, reason
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.backoffice.tables import Table
from apps.invoices.models import Invoice
from apps.invoices.rules import Status as InvoiceStatus
from apps.kernel.actors import Actor
from apps.kernel.columns import NOTHING, amount
from apps.kernel.money import Money
from apps.payments.actions.refund import refund
from apps.payments.actions.refundable import left_to_refund
from apps.payments.actions.retry import pay
from apps.payments.models import Payment, PaymentMethod
from apps.payments.queries import methods
from apps.payments.rules import Status


class PayForm(QuestionForm):
    """By which of the account's methods."""

    method_id = forms.ModelChoiceField(PaymentMethod.objects.none(), label="Charge", empty_label=None)

    def prepare(self) -> None:
        field: Any = self.fields["method_id"]
        field.queryset = methods(self.row.account_id).order_by("-is_default", "-pk")
        field.label_from_instance = _named

    def clean_method_id(self) -> Any:
        """Its id."""
        return self.cleaned_data["method_id"].pk


class RefundForm(QuestionForm):
    """How much of it, and why."""

    amount = MoneyField(required=False, min_value=0)
    reason = reason(max_length=500)

    def prepare(self) -> None:
        field: Any = self.fields["amount"]
        field.currency = self.row.currency
        field.label = f"Amount in {self.row.currency}"
        left = Money(left_to_refund(self.row), self.row.currency)
        field.help_text = f"{left} at most. Empty: all of that."


def _named(method: PaymentMethod) -> str:
    shown = f"{method.card_brand or method.type} {method.card_last4}".strip()
    return f"{shown} (default)" if method.is_default else shown


def _pay(row: Invoice, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    made = pay(invoice_id=row.pk, at=at, actor=actor, **given)
    table = Table(
        "Payment",
        ("", "Amount"),
        [(f"Charged to {made.method}, attempt {made.attempt}", amount(made.amount, made.currency))],
    )
    return Outcome(f"{row} is being collected.", [table])


def _refund(row: Payment, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    made = refund(payment_id=row.pk, at=at, actor=actor, **given)
    note: Any = made.credit_note
    table = Table(
        "Refund",
        ("", "Amount", "Of it tax"),
        [
            ("Goes back to the customer", amount(made.amount, made.currency), NOTHING),
            (f"Credit note for {row.invoice}", amount(note.total, note.currency), amount(note.tax, note.currency)),
            ("Left of the payment", amount(left_to_refund(made.payment), made.currency), NOTHING),
        ],
    )
    return Outcome(f"{Money(made.amount, made.currency)} of {row.invoice} goes back.", [table])


PAY = Question(
    way="pay", title="Collect now", icon="payments", resource="payments.collect", form=PayForm,
    meaning="What is left of it is charged at once, as an attempt of its own.",
    perform=_pay, fits=lambda row: row.status == InvoiceStatus.OPEN, refusal="Nothing of it is left to pay.",
)  # fmt: skip

REFUND = Question(
    way="refund", title="Refund", icon="currency_exchange", resource="refunds", form=RefundForm, danger=True,
    meaning="Money goes back to where it came from, and a credit note takes as much off the invoice. For credit "
    "instead, make a credit note on the invoice's page.",
    perform=_refund, fits=lambda row: row.status == Status.SUCCEEDED and left_to_refund(row) > 0,
    refusal="Nothing of it is left to give back.",
)  # fmt: skip
