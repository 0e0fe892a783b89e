"""Policies, and where each account stands by them. What was decided stays: versions, steps and history are final."""

from django.db import models
from django.db.models import Q

from apps.accounts.models import Account
from apps.accounts.rules import OverdueStatus as State
from apps.dunning.rules import MOST_DAYS, Action, Kind, Message, OnExhausted, Reason
from apps.invoices.models import Invoice
from apps.kernel.models import MutableRecord, Record


def _choices(values: type[Action | Kind | Message | OnExhausted | Reason | State]) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in values]


class Policy(MutableRecord):
    """A way of dunning, under a name. Its newest version is the one that holds; one policy is everybody's default."""

    name = models.CharField(max_length=100, unique=True)
    is_default = models.BooleanField(default=False)

    class Meta(MutableRecord.Meta):
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="dunning_one_default")
        ]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(Record):
    """A policy as it was published. Append only."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    on_retries_exhausted = models.CharField(max_length=5, choices=_choices(OnExhausted))
    actor = models.CharField(max_length=255)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="dunning_version_number"),
            models.CheckConstraint(
                condition=Q(on_retries_exhausted__in=[each.value for each in OnExhausted]),
                name="dunning_version_exhausted",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class PolicyStep(models.Model):
    """What a version does from so many overdue days on. Append only."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="steps", db_index=False)
    days = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=6, choices=_choices(Action))
    message = models.CharField(max_length=32, blank=True, choices=_choices(Message))

    class Meta:
        ordering = ("days",)
        constraints = [
            models.UniqueConstraint(fields=["version", "days"], name="dunning_step_days"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=MOST_DAYS), name="dunning_step_range"),
            models.CheckConstraint(condition=Q(action__in=[each.value for each in Action]), name="dunning_step_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} after {self.days} days"


class Standing(MutableRecord):
    """How far an account is behind; one that never was, and has no policy of its own, has none.

    `invoice` is the oldest unpaid one that is overdue. The account shows the same state as `overdue_status`.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="standing")
    policy = models.ForeignKey(Policy, null=True, blank=True, on_delete=models.PROTECT, related_name="standings")
    status = models.CharField(max_length=8, choices=_choices(State), default=State.CURRENT)
    reason = models.CharField(max_length=17, blank=True, choices=_choices(Reason))
    since = models.DateTimeField(null=True, blank=True)
    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_date = models.DateField(null=True, blank=True)

    class Meta(MutableRecord.Meta):
        verbose_name = "dunning"
        verbose_name_plural = "dunning"
        constraints = [
            models.CheckConstraint(
                condition=Q(status=State.CURRENT, reason="")
                | Q(
                    status__in=[State.WARNING, State.BLOCKED],
                    reason__in=[each.value for each in Reason],
                    since__isnull=False,
                ),
                name="dunning_standing_reason",
            ),
            models.CheckConstraint(
                condition=Q(invoice__isnull=True, due_date__isnull=True)
                | Q(invoice__isnull=False, due_date__isnull=False),
                name="dunning_standing_invoice",
            ),
        ]
        indexes = [
            # The queue: those that are behind, the longest first.
            models.Index(fields=["due_date", "id"], condition=Q(due_date__isnull=False), name="dunning_queue"),
            models.Index(fields=["id"], condition=~Q(status=State.CURRENT), name="dunning_not_current"),
        ]

    def __str__(self) -> str:
        return str(self.status)


class Watch(models.Model):
    """When an account is looked at next, in its own time; None: nothing comes by itself. Follows from other rows."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="+")
    clock_id = models.UUIDField(null=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["clock_id", "next_at"], condition=Q(next_at__isnull=False), name="dunning_to_look_at")
        ]

    def __str__(self) -> str:
        return str(self.next_at)


class Entitlement(models.Model):
    """What the live subscriptions of an account grant, the oldest first, as it was read when it was last asked for.

    It is gone in the transaction that changes one of them, so it is never old. Follows from other rows.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="entitlement")
    granted = models.JSONField()

    def __str__(self) -> str:
        return str(self.granted)


class Look(models.Model):
    """A day (UTC) on which all that is overdue was looked at whatever was noted about it. Append only."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return str(self.day)


class Hold(Record):
    """Dunning stands still for an account, which disputes what it owes: why, who said so, for which local days."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds", db_index=False)
    reason = models.CharField(max_length=500)
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=255)
    from_date = models.DateField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=255, blank=True)
    to_date = models.DateField(null=True, blank=True)

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["account", "from_date"], name="dunning_hold_account")]
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(to_date=None), name="dunning_one_hold"),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, to_date__isnull=True, released_by="")
                | Q(released_at__isnull=False, to_date__isnull=False, to_date__gte=models.F("from_date"))
                & ~Q(released_by=""),
                name="dunning_hold_released",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="dunning_hold_says_why"),
        ]

    def __str__(self) -> str:
        return self.reason


class Exhaustion(Record):
    """An invoice that could not be collected and is not tried again by itself. It counts while it is open."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.invoice_id)


class History(Record):
    """What happened to an account, in its own time. Append only; a reminder by the policy is written once."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="dunning_history", db_index=False)
    kind = models.CharField(max_length=16, choices=_choices(Kind))
    at = models.DateTimeField()
    status_before = models.CharField(max_length=8, choices=_choices(State))
    status_after = models.CharField(max_length=8, choices=_choices(State))
    reason = models.CharField(max_length=17, blank=True)
    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    days = models.IntegerField(null=True, blank=True)
    message = models.CharField(max_length=32, blank=True)
    policy_version = models.ForeignKey(
        PolicyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=255)

    class Meta(Record.Meta):
        verbose_name_plural = "dunning history"
        indexes = [models.Index(fields=["account", "-id"], name="dunning_history_account")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "invoice", "days"], condition=Q(kind=Kind.REMINDER), name="dunning_reminded_once"
            ),
            models.UniqueConstraint(
                fields=["account", "invoice"], condition=Q(kind=Kind.CANCEL), name="dunning_cancelled_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=[each.value for each in Kind]), name="dunning_history_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status_after}"
