"""The credit note: a final document that takes back what lines of an invoice charged. Append only, numbered alone."""

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account
from apps.invoices.models.invoice import Invoice, Line
from apps.kernel.fields import AmountField, CurrencyField, MetadataField
from apps.kernel.models import Record
from apps.kernel.money import MAX_AMOUNT


class CreditNote(Record):
    """`settled` came off what was open of the invoice; the rest of `total`, `credited`, is the account's credit."""

    number = models.CharField(max_length=40)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credit_notes", db_index=False)
    currency = CurrencyField()
    subtotal = AmountField()
    tax = AmountField()
    total = AmountField()
    settled = AmountField()
    credited = AmountField()
    reason = models.CharField(max_length=500)
    issue_date = models.DateField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=255)
    metadata = MetadataField()

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["account", "-id"], name="invoices_note_account")]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="invoices_note_number"),
            models.CheckConstraint(condition=Q(total=F("subtotal") + F("tax")), name="invoices_note_adds_up"),
            models.CheckConstraint(
                condition=Q(total=F("settled") + F("credited"), settled__gte=0, credited__gte=0),
                name="invoices_note_goes_somewhere",
            ),
            models.CheckConstraint(condition=Q(total__gt=0, total__lte=MAX_AMOUNT), name="invoices_note_bounded"),
        ]

    def __str__(self) -> str:
        return self.number


class CreditNoteLine(models.Model):
    """What a credit note takes back of one line: net and tax, both above zero as on the document."""

    id = models.BigAutoField(primary_key=True)
    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="credit_note_lines")
    description = models.CharField(max_length=500)
    amount = AmountField()
    tax_amount = AmountField()
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["credit_note", "position"], name="invoices_noteline_position"),
            models.CheckConstraint(condition=Q(amount__gte=0, tax_amount__gte=0), name="invoices_noteline_positive"),
        ]

    def __str__(self) -> str:
        return self.description


class WriteOff(Record):
    """A debt that was given up, why and by whom; `reversed_at` is the one thing that may come later."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="write_offs")
    amount = AmountField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    actor = models.CharField(max_length=255)
    reversed_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(reversed_at=None), name="invoices_writeoff_one_stands"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="invoices_writeoff_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.invoice_id}"
