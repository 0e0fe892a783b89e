"""Reads and locks of subscriptions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.models import Account
from apps.events.models import Event
from apps.invoices import queries as invoices
from apps.invoices.models import PendingItem
from apps.kernel.errors import NotFound
from apps.kernel.membership import among, array
from apps.kernel.prepared import named, rows_of
from apps.kernel.schedule import Scope
from apps.kernel.statements import fetch
from apps.subscriptions.models import (
    UNANNOUNCED,
    BillingRun,
    RunApproval,
    RunFailure,
    RunForecast,
    ScheduledChange,
    Subscription,
    ThresholdCheck,
    UsageRecount,
)
from apps.subscriptions.rules.lifecycle import BILLING, LIVE, NOTICE, Status
from apps.subscriptions.rules.runs import RunStatus
from apps.subscriptions.rules.scheduled import ChangeKind, Outcome

Waiting = dict[UUID, dict[ChangeKind, ScheduledChange]]


def subscriptions() -> QuerySet[Subscription]:
    """All subscriptions."""
    return Subscription.objects.all()


def ids_of(account_id: UUID) -> list[UUID]:
    """All subscriptions of an account, those that ended too."""
    return list(Subscription.objects.filter(account_id=account_id).order_by().values_list("pk", flat=True))


def granted(account_id: UUID) -> list[dict[str, Any]]:
    """What the subscriptions of an account grant that may be used now (a pause grants nothing), the oldest first."""
    live = Subscription.objects.filter(account_id=account_id, status__in=[Status.TRIAL, Status.ACTIVE])
    return list(live.order_by("pk").values_list("plan_version__features", flat=True))


def due(at: datetime, scope: Scope) -> QuerySet[Subscription]:
    """Subscriptions whose next period is to be billed at `at`, the longest due first; without those that stopped."""
    return _due(at, scope).filter(billing_error="")


def due_again(at: datetime, scope: Scope, *, wall: datetime) -> QuerySet[Subscription]:
    """Those that stopped and are to be tried again: once in a run, and not before their hour has passed.

    On a test clock no hour is waited for: each time that it shows is tried once.
    """
    tried = RunFailure.objects.filter(subscription=OuterRef("pk"), run__at__gte=at)
    rows = _due(at, scope).exclude(billing_error="").filter(~Exists(tried))
    if scope.clock_id is not None:
        return rows
    return rows.filter(Q(billing_retry_at__isnull=True) | Q(billing_retry_at__lte=wall))


def _due(at: datetime, scope: Scope) -> QuerySet[Subscription]:
    return Subscription.objects.filter(next_billing_at__lte=at, account__test_clock_id=scope.clock_id).order_by(
        "next_billing_at", "id"
    )


def owing(at: datetime, scope: Scope) -> QuerySet[Subscription]:
    """All that has a period to bill at `at`, those that stopped among them, in no order."""
    return _due(at, scope).order_by()


def before(run: BillingRun) -> datetime | None:
    """The time of the run of the same clock that finished last before this one: its own begins there."""
    rows = BillingRun.objects.filter(test_clock_id=run.test_clock_id, dry=False, status=RunStatus.FINISHED)
    return rows.filter(at__lt=run.at).order_by("-at").values_list("at", flat=True).first()


def gone(*, since: datetime | None, until: datetime, scope: Scope) -> QuerySet[Subscription, tuple[UUID, str]]:
    """What would have been billed after `since` and up to `until`, had it not ended or paused before; and its currency.

    Without `since` it is not known what a run before this one would have billed: nothing.
    """
    rows = Subscription.objects.filter(account__test_clock_id=scope.clock_id).exclude(status__in=BILLING)
    rows = rows.filter(current_period_end__gt=since, current_period_end__lte=until) if since else rows.none()
    return rows.values_list("pk", "account__currency")


def runs() -> QuerySet[BillingRun]:
    """All runs."""
    return BillingRun.objects.all()


def unfinished(scope: Scope) -> BillingRun | None:
    """The run of this clock that is under way, or waits for a person; its worker may be dead."""
    return BillingRun.objects.filter(~Q(status=RunStatus.FINISHED), test_clock_id=scope.clock_id, dry=False).first()


def goes_on(run: BillingRun) -> bool:
    """Whether nobody has paused or finished it."""
    return BillingRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING).exists()


def forecasting() -> QuerySet[BillingRun]:
    """Dry runs of any clock that are not added up yet, the oldest first."""
    return BillingRun.objects.filter(dry=True, status=RunStatus.FORECASTING).order_by("pk")


def last_finished(scope: Scope) -> BillingRun | None:
    """The run of this clock that finished last."""
    rows = BillingRun.objects.filter(test_clock_id=scope.clock_id, dry=False, status=RunStatus.FINISHED)
    return rows.order_by("-finished_at").first()


def failures(run_id: UUID) -> QuerySet[RunFailure]:
    """What a run could not bill, the oldest first, each with its subscription."""
    return RunFailure.objects.filter(run_id=run_id).select_related("subscription").order_by("pk")


def forecasts(run_id: UUID) -> list[RunForecast]:
    """What a run would come to, by currency."""
    return list(RunForecast.objects.filter(run_id=run_id).order_by("currency"))


def approvals(run_id: UUID) -> list[RunApproval]:
    """Who approved a run, in order."""
    return list(RunApproval.objects.filter(run_id=run_id).order_by("pk"))


def still_stopped(run: BillingRun) -> QuerySet[Subscription]:
    """The subscriptions that stopped in this run, and still owe what it was to bill."""
    stopped = Subscription.objects.filter(run_failures__run=run, next_billing_at__lte=run.at)
    return stopped.exclude(billing_error="").order_by("next_billing_at", "id")


def still_due(ids: Collection[UUID], at: datetime) -> QuerySet[Subscription]:
    """Those of `ids` that have a period to bill at `at`."""
    return Subscription.objects.filter(among("pk", ids), next_billing_at__lte=at).order_by("next_billing_at", "id")


# Of whatever is billed or shown: what is written out need not be put together each time.
_LOCKED = named(
    Subscription,
    """
SELECT * FROM subscriptions_subscription WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
""",
)
_OWNERS = named(
    Account,
    """
SELECT * FROM accounts_account
WHERE id IN (SELECT account_id FROM subscriptions_subscription WHERE id = ANY(%s::uuid[]))
ORDER BY id FOR NO KEY UPDATE
""",
)
_WAITING = named(
    ScheduledChange,
    "SELECT * FROM subscriptions_scheduledchange WHERE subscription_id = ANY(%s::uuid[]) AND outcome = %s",
)
_STATUSES = ", ".join(f"'{status.value}'" for status in LIVE)
_LIVE = f"""
SELECT id FROM subscriptions_subscription WHERE account_id = %s AND plan_id = %s AND status IN ({_STATUSES}) LIMIT 1
"""  # noqa: S608 - statuses of code, which are those of the unique index


def live_of(account_id: UUID, plan_id: UUID) -> UUID | None:
    """The live subscription of that account to that plan, if it has one."""
    return next((id for (id,) in fetch(_LIVE, [account_id, plan_id])), None)


def lock(ids: Collection[UUID]) -> list[Subscription]:
    """Lock these subscriptions in the order of their ids. Their accounts are locked first, by the caller."""
    return rows_of(Subscription, _LOCKED, [array(ids)])


def lock_accounts(ids: Collection[UUID]) -> dict[UUID, Account]:
    """Lock the accounts of these subscriptions, in the order of their ids."""
    return {account.pk: account for account in rows_of(Account, _OWNERS, [array(ids)])}


def waiting_changes(ids: Collection[UUID]) -> Waiting:
    """What is scheduled for these subscriptions and has not come to pass, by subscription and kind; one query."""
    found: Waiting = {}
    for change in rows_of(ScheduledChange, _WAITING, [array(ids), Outcome.WAITING.value]):
        found.setdefault(change.subscription_id, {})[ChangeKind(change.kind)] = change
    return found


def waking(at: datetime, scope: Scope, *, wall: datetime) -> QuerySet[Subscription]:
    """Pauses that come to their end at `at`, the longest due first; what stopped waits for its hour."""
    rows = Subscription.objects.filter(wakes_at__lte=at, account__test_clock_id=scope.clock_id)
    waits = Q(billing_retry_at__isnull=True) | Q(billing_retry_at__lte=wall)
    return rows.filter(waits).order_by("wakes_at", "id")


def to_announce(at: datetime, scope: Scope) -> QuerySet[Subscription]:
    """Those whose next invoice or end of trial is near at `at` and was not announced, the nearest first.

    On a test clock trials alone: each invoice would stop the clock once more, and take twice as long.
    """
    rows = Subscription.objects.filter(
        UNANNOUNCED, next_billing_at__lte=at + NOTICE, account__test_clock_id=scope.clock_id
    )
    rows = rows.filter(status=Status.TRIAL) if scope.clock_id else rows
    return rows.order_by("next_billing_at", "id")


def day_ended(at: datetime, scope: Scope, *, wall: datetime) -> QuerySet[PendingItem]:
    """Lines of changes that are to be invoiced by `at`, the longest due first; what stopped waits for its hour."""
    stopped = Subscription.objects.filter(pk=OuterRef("subscription_id"), billing_retry_at__gt=wall)
    return invoices.pending_due(at).filter(~Exists(stopped), account__test_clock_id=scope.clock_id)


def recounts(at: datetime, scope: Scope, *, wall: datetime) -> QuerySet[UsageRecount]:
    """Closed times whose usage is to be rated again by `at`, the longest due first; what stopped waits for its hour."""
    rows = UsageRecount.objects.filter(
        due_at__lte=at, done_at=None, subscription__account__test_clock_id=scope.clock_id
    )
    waits = Q(subscription__billing_retry_at__isnull=True) | Q(subscription__billing_retry_at__lte=wall)
    return rows.filter(waits).order_by("due_at", "id")


def threshold_checks(scope: Scope, *, wall: datetime) -> QuerySet[ThresholdCheck]:
    """Where thresholds are to be compared: on one clock at once, else everywhere that is due by the wall."""
    rows = ThresholdCheck.objects.order_by("due_at", "id")
    if scope.clock_id is not None:
        return rows.filter(subscription__account__test_clock_id=scope.clock_id)
    return rows.filter(due_at__lte=wall)


def day_end_of(subscription_id: UUID) -> datetime | None:
    """When the changes of this day are to be invoiced, if any wait for that."""
    rows = PendingItem.objects.filter(subscription_id=subscription_id, invoice_id=None, removed_at=None)
    return rows.filter(invoice_at__isnull=False).order_by("invoice_at").values_list("invoice_at", flat=True).first()


@dataclass(frozen=True)
class Behind:
    """What has fallen due of one subscription and is not done yet."""

    wakes: bool
    day_ended: bool
    bills: bool


def behind(subscription_id: UUID, at: datetime) -> Behind:
    """What is due of it by `at`: the end of a pause, the invoice of a day that is over, a renewal. One query."""
    due = invoices.pending_due(at).filter(subscription_id=OuterRef("pk"))
    rows = Subscription.objects.filter(pk=subscription_id).values_list("wakes_at", Exists(due), "next_billing_at")
    wakes_at, day_ended, next_billing_at = rows.first() or (None, False, None)
    return Behind(
        wakes=wakes_at is not None and wakes_at <= at,
        day_ended=day_ended,
        bills=next_billing_at is not None and next_billing_at <= at,
    )


def grouped_with(accounts: Collection[UUID], due_by: datetime) -> list[UUID]:
    """All subscriptions of these accounts that are due: what falls due on one day is one invoice of theirs."""
    if not accounts:
        return []
    due = Subscription.objects.filter(account_id__in=set(accounts), next_billing_at__lte=due_by)
    return list(due.values_list("pk", flat=True))


def lock_one(subscription_id: UUID) -> tuple[Account, Subscription]:
    """Lock a subscription, and its account before it, or a refusal."""
    owners = lock_accounts([subscription_id])
    if not owners:
        raise NotFound("subscription_not_found", f"There is no subscription {subscription_id}.", hint="Check the id.")
    (account,) = owners.values()
    return account, lock([subscription_id])[0]


def history(subscription_id: UUID) -> QuerySet[Event]:
    """All that was announced of a subscription."""
    return Event.objects.filter(object_id=subscription_id)


def histories(ids: Collection[UUID]) -> dict[UUID, list[Event]]:
    """The same of several, the oldest first, by one query; those of whom nothing was announced are left out."""
    found: dict[UUID, list[Event]] = {}
    for event in Event.objects.filter(among("object_id", ids)).order_by("pk"):
        found.setdefault(event.object_id, []).append(event)
    return found
