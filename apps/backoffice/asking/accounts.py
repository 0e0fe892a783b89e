"""What may be done for a customer, and to a credit."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from apps.accounts.actions import delete
from apps.accounts.models import Account
from apps.backoffice.asking.fields import DayField, MoneyField, reason
from apps.backoffice.asking.question import Outcome, Question, QuestionForm
from apps.backoffice.tables import Table
from apps.credits.actions.grant import grant
from apps.credits.actions.void import void
from apps.credits.models import Grant
from apps.credits.queries import grants
from apps.credits.rules import Source
from apps.invoices.actions.one_off import Sale, one_off
from apps.kernel.actors import Actor
from apps.kernel.columns import amount, on
from apps.kernel.periods import midnight

LINES = 5
DELETED = "The account is deleted."


class OneOffForm(QuestionForm):
    """Up to five lines, and a coupon that comes off them; more lines are sent by the API."""

    def prepare(self) -> None:
        currency = self.row.currency
        for number in range(1, LINES + 1):
            price = MoneyField(required=False, label=f"Price each in {currency}")
            price.currency = currency
            new: dict[str, forms.Field] = {
                f"what_{number}": forms.CharField(max_length=500, required=False, label=f"Line {number}"),
                f"quantity_{number}": forms.DecimalField(
                    min_value=0, max_digits=30, decimal_places=12, required=False, label="Quantity"
                ),
                f"price_{number}": price,
            }
            for name, field in new.items():
                self.fields[name] = field
        self.fields["coupon"] = forms.CharField(max_length=255, required=False, label="Coupon code")
        for field in self.fields.values():
            field.widget.attrs["class"] = "bo-input"

    def clean(self) -> dict[str, Any]:
        """The lines that are filled in, and the coupon."""
        given: dict[str, Any] = super().clean() or {}
        sales = []
        for number in range(1, LINES + 1):
            what, price = given.get(f"what_{number}"), given.get(f"price_{number}")
            if not what and price is None:
                continue
            if not what or price is None:
                missing = f"price_{number}" if what else f"what_{number}"
                if missing not in self.errors:
                    self.add_error(missing, "A line needs both: what it is, and its price.")
                continue
            quantity = given.get(f"quantity_{number}")
            sales.append(
                Sale(
                    description=what,
                    unit_amount=Decimal(price),
                    quantity=Decimal(1) if quantity is None else quantity,
                )
            )
        if not sales and not self.errors:
            raise forms.ValidationError("An invoice needs a line.")
        return {"sales": sales, "coupon": given.get("coupon") or None}


class GrantForm(QuestionForm):
    """How much, why, and how long it holds."""

    amount = MoneyField(min_value=0)
    reason = reason()
    expires_on = DayField(required=False, label="Lost from", help_text="Empty: it is never lost.")

    def prepare(self) -> None:
        field: Any = self.fields["amount"]
        field.currency = self.row.currency
        field.label = f"Amount in {self.row.currency}"


def _one_off(row: Account, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    made = one_off(account_id=row.pk, at=at, actor=actor, **given)
    return Outcome("The invoice is final and owed.", go_to=made)


def _grant(row: Account, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    ends = given["expires_on"]
    made = grant(
        account_id=row.pk,
        amount=given["amount"],
        currency=row.currency,
        reason=given["reason"],
        expires_at=midnight(ends, row.timezone) if ends else None,
        at=at,
        actor=actor,
    )
    cells = [(amount(made.amount, made.currency), made.reason, on(ends) if ends else "never")]
    return Outcome("The credit is granted; coming invoices use it by themselves.",
                   [Table("Credit", ("Amount", "Why", "Lost from"), cells)])  # fmt: skip


def _void_grant(row: Grant, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    left = grants().get(pk=row.pk).remaining
    void(credit_id=row.pk, at=at, actor=actor)
    cells = [("What remained of it", amount(int(left), row.currency))]
    return Outcome("What remained of the credit is taken back.", [Table("Taken back", ("", "Amount"), cells)])


def _delete(row: Account, given: dict[str, Any], at: datetime, actor: Actor) -> Outcome:
    delete(account_id=row.pk, expected_version=None, at=at, actor=actor)
    return Outcome("The account is deleted: nothing is sold to it, and it is in no list. Its documents stay.")


def _open(row: Account) -> bool:
    return row.deleted_at is None


CUSTOMER = (
    Question(
        way="one-off-invoice", title="One-off invoice", icon="receipt_long", resource="invoices", form=OneOffForm,
        meaning="Invoices something at once, beside what its subscriptions are billed.", perform=_one_off,
        fits=_open, refusal=DELETED,
    ),
    Question(
        way="grant-credit", title="Grant credit", icon="redeem", resource="credits", form=GrantForm,
        meaning="A credit that the account's coming invoices use by themselves, before anything is charged.",
        perform=_grant, fits=_open, refusal=DELETED,
    ),
    Question(
        way="delete-account", title="Delete", icon="delete", resource="accounts", perform=_delete, danger=True,
        meaning="Nothing is sold to it any more, and it is in no list. Its documents stay and can be exported.",
        fits=_open, refusal=DELETED,
    ),
)  # fmt: skip
CREDIT = (
    Question(
        way="void", title="Take back", icon="block", resource="credits",
        meaning="What remains of it cannot be used any more; what it has paid stays paid.",
        perform=_void_grant, danger=True, fits=lambda row: row.source == Source.GOODWILL,
        refusal="It is the customer's money: only goodwill can be taken back.",
    ),
)  # fmt: skip
