"""How monthly recurring revenue moved: a chain of rows by account, of which each figure of it is a sum."""

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account
from apps.analytics.rules import DIGITS, Movement
from apps.kernel.fields import CurrencyField
from apps.kernel.models import Record


class MrrMovement(Record):
    """An account's monthly recurring revenue became another. Append only.

    `level`: what it is from `at` on, `amount` the step to it, both in minor units with twelve digits; `at` is the
    account's time, `on` its local date. `sequence` numbers the movements of an account from 1: two can never follow the
    same one, so what is summed up always comes to the newest level. `involuntary`: it fell for want of payment.
    `test_clock_id` is the account's, which never changes.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="mrr_movements", db_index=False)
    sequence = models.PositiveIntegerField()
    currency = CurrencyField()
    test_clock_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    on = models.DateField(db_column="local_date")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in Movement])
    amount = models.DecimalField(max_digits=38, decimal_places=DIGITS)
    level = models.DecimalField(max_digits=38, decimal_places=DIGITS)
    involuntary = models.BooleanField(default=False)

    class Meta(Record.Meta):
        indexes = [
            models.Index(
                fields=["test_clock_id", "on"], include=["currency", "kind", "amount", "involuntary"],
                name="analytics_mrr_on",
            )
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(fields=["account", "sequence"], name="analytics_mrr_chain"),
            models.CheckConstraint(
                condition=Q(kind=Movement.NEW.value, sequence=1, amount__gt=0, level=F("amount"))
                | Q(kind=Movement.REACTIVATION.value, sequence__gt=1, amount__gt=0, level=F("amount"))
                | Q(kind=Movement.EXPANSION.value, sequence__gt=1, amount__gt=0, level__gt=F("amount"))
                | Q(kind=Movement.CONTRACTION.value, sequence__gt=1, amount__lt=0, level__gt=0)
                | Q(kind=Movement.CHURN.value, sequence__gt=1, amount__lt=0, level=0),
                name="analytics_mrr_kind",
            ),
            models.CheckConstraint(condition=Q(involuntary=False) | Q(amount__lt=0), name="analytics_mrr_involuntary"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"


class Recount(Record):
    """The hour (UTC) in which the levels of all accounts were compared with their subscriptions, and mended."""

    hour = models.DateTimeField(unique=True)
    mended = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}: {self.mended}"
