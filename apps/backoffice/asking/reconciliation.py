"""What is done about a difference between the gateway and our books: what is proposed, or nothing, with the reason."""

from datetime import datetime
from typing import Any

from django import forms

from apps.accounts.models import Account
from apps.accounts.queries import ids_matching
from apps.backoffice.asking.fields import reason
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.backoffice.tables import Table
from apps.invoices.models import Invoice, Settlement
from apps.invoices.rules import SettlementKind
from apps.kernel.actors import Actor
from apps.kernel.columns import amount
from apps.payments.actions import bank, differences
from apps.payments.models import Difference, Payment
from apps.payments.reconcile_rules import FIXES, KINDS, DifferenceStatus, Fix


class AssignForm(QuestionForm):
    """Whose it is."""

    whose = forms.CharField(
        max_length=255,
        required=False,
        label="Account",
        help_text="Its key, e-mail address or id: the oldest due first.",
    )
    invoice = forms.CharField(max_length=40, required=False, label="or invoice", help_text="Its number.")

    def clean(self) -> dict[str, Any]:
        """As the action takes it."""
        given: dict[str, Any] = super().clean() or {}
        account, number = given.get("whose", "").strip(), given.get("invoice", "").strip().upper()
        if bool(account) == bool(number):
            self.add_error(None, "Name an account or an invoice, one of them.")
            return {}
        if number:
            return {"invoice_id": self._only("invoice", Invoice.objects.filter(number=number))}
        return {"account_id": self._only("whose", Account.objects.filter(pk__in=ids_matching(account)))}

    def _only(self, name: str, rows: Any) -> Any:
        found = list(rows.values_list("pk", flat=True)[:2])
        if len(found) != 1:
            self.add_error(name, "There is none." if not found else "There are several: use the id.")
        return found[0] if found else None


class DismissForm(QuestionForm):
    """Why."""

    reason = reason(max_length=500)


def _apply(row: Difference, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    done = differences.apply(difference_id=row.pk, actor=actor)
    sides = Table(
        KINDS[row.kind],  # type: ignore[index]
        ("", "Amount"),
        [
            ("At the gateway", amount(row.outside_amount, row.outside_currency)),
            ("In our books", amount(row.our_amount, row.our_currency)),
        ],
    )
    tables = [sides, *_paid(row)]
    if done.status == DifferenceStatus.OPEN:
        return Outcome("The gateway is asked again. The next look closes this if both sides agree.", tables)
    return Outcome(f"{FIXES[Fix(row.fix)]}: done. {done.reason}", tables)


def _paid(row: Difference) -> list[Table]:
    """What the money has paid, once it is written down."""
    made = Payment.objects.filter(gateway_transaction_id=row.subject).select_related("invoice").first()
    if made is None or row.fix == Fix.LOOK_AGAIN:
        return []
    taken = Settlement.objects.filter(kind=SettlementKind.PAYMENT, source_id=made.pk).first()
    if taken is None:
        return []
    rows = [
        (f"Off invoice {made.invoice}", amount(taken.amount, made.currency)),
        ("To the account's credit", amount(taken.excess, made.currency)),
    ]
    return [Table("Payment", ("", "Amount"), rows)]


def _assign(row: Difference, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    made = bank.assign(difference_id=row.pk, actor=actor, **given)
    rows = [(f"Paid on invoice {each.invoice}", amount(each.amount, each.currency)) for each in made]
    return Outcome(f"Recorded for {made[0].account.name}.", [Table("Payments", ("", "Amount"), rows)])


def _dismiss(row: Difference, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    differences.dismiss(difference_id=row.pk, actor=actor, **given)
    return Outcome("Dismissed. It comes back if an amount changes.")


def _open(row: Difference) -> bool:
    return row.status == DifferenceStatus.OPEN


DIFFERENCE = (
    Question(
        way="apply", title="Do what is proposed", icon="task_alt", resource="reconciliation",
        meaning="What the gateway moved is written down as it says, or it is asked once more. Both sides are compared "
        "again first.",
        perform=_apply, fits=lambda row: _open(row) and row.fix not in (Fix.BY_HAND, Fix.ASSIGN),
        refusal="It is closed, or nothing can be proposed: mend it by hand and dismiss it.",
    ),
    Question(
        way="assign", title="Say whose it is", icon="person_search", resource="reconciliation", form=AssignForm,
        meaning="The money is recorded for an invoice, or for what an account owes, the oldest due first. What is too "
        "much becomes its credit.",
        perform=_assign, fits=lambda row: _open(row) and row.fix == Fix.ASSIGN, refusal="It is recorded already.",
    ),
    Question(
        way="dismiss", title="Dismiss", icon="do_not_disturb_on", resource="reconciliation", form=DismissForm,
        looks=False, meaning="Nothing is to be done about it. It comes back if an amount changes.",
        perform=_dismiss, fits=_open, refusal="It is closed already.",
    ),
)  # fmt: skip
