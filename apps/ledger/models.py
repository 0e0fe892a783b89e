"""The books. Both tables are append only, and PostgreSQL refuses an entry that does not balance."""

from django.db import models
from django.db.models import Q

from apps.kernel.fields import AmountField, CurrencyField
from apps.kernel.models import Record
from apps.kernel.money import MAX_AMOUNT
from apps.ledger.rules import Kind, LedgerAccount

COMMON = sorted([Kind.ISSUE.value, Kind.PAYMENT.value, Kind.CREDIT_USE.value, Kind.RECOGNITION.value])
"""Kinds that most invoices bring about."""


class CurrentTransaction(models.Func):
    """The id of the transaction that writes the row, as a bigint."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class Entry(Record):
    """One event. `source_type` and `source_id` name the document that it comes from, `account_id` the customer.

    `on` is the local date it counts for, `effective_at` the account's time, `created_at` the wall's. `transaction`
    ties the postings to the transaction that wrote them all: none can join later, not even by a race.
    """

    kind = models.CharField(max_length=24, choices=[(kind.value, kind.value) for kind in Kind])
    currency = CurrencyField()
    source_type = models.CharField(max_length=32)
    source_id = models.UUIDField()
    account_id = models.UUIDField()
    on = models.DateField(db_column="effective_on")
    effective_at = models.DateTimeField()
    transaction = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta(Record.Meta):
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["source_id"], name="ledger_entry_source"),
            models.Index(fields=["account_id", "id"], name="ledger_entry_account"),
            # Kinds that are a needle among those that every invoice writes.
            models.Index(fields=["kind", "-id"], condition=~Q(kind__in=COMMON), name="ledger_entry_rare"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "transaction"], name="ledger_entry_transaction"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="ledger_entry_kind"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="ledger_entry_currency"),
        ]


class Posting(models.Model):
    """One amount of an entry on one ledger account: debit above zero, credit below."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="postings", db_constraint=False)
    transaction = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    ledger_account = models.CharField(
        max_length=24, choices=[(account.value, account.value) for account in LedgerAccount]
    )
    currency = CurrencyField()
    amount = AmountField()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(amount=0) & Q(amount__gte=-MAX_AMOUNT) & Q(amount__lte=MAX_AMOUNT),
                name="ledger_posting_amount",
            ),
            models.CheckConstraint(
                condition=Q(ledger_account__in=[account.value for account in LedgerAccount]),
                name="ledger_posting_ledger_account",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ledger_account} {self.amount} {self.currency}"
