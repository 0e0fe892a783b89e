"""Reads of dunning, each for many accounts at once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, QuerySet

from apps.accounts.models import Account
from apps.accounts.queries import accounts
from apps.accounts.rules import OverdueStatus as State
from apps.clocks.queries import now_by_clock
from apps.dunning.models import Exhaustion, History, Hold, Policy, PolicyStep, PolicyVersion, Standing, Watch
from apps.dunning.rules import Action, Held, Kind, OnExhausted, Step, Terms
from apps.invoices.models import Invoice
from apps.invoices.rules import Status
from apps.kernel.membership import among
from apps.kernel.schedule import Scope
from apps.payments.queries import carried


@dataclass(frozen=True)
class Published:
    """The version of a policy that holds, with its terms."""

    version: PolicyVersion
    terms: Terms


def standings() -> QuerySet[Standing]:
    """All standings."""
    return Standing.objects.all()


def history() -> QuerySet[History]:
    """All that happened."""
    return History.objects.all()


def standings_of(account_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """The standings of these accounts, by account; those that have none are left out."""
    return {row.account_id: row for row in Standing.objects.filter(among("account_id", account_ids))}


def policies() -> tuple[Mapping[UUID, Published], Published]:
    """Each policy as it holds now, and the default; two queries."""
    rows = PolicyVersion.objects.select_related("policy").order_by("policy_id", "-number").distinct("policy_id")
    newest = {version.pk: version for version in rows}
    steps: dict[UUID, list[Step]] = {pk: [] for pk in newest}
    for step in PolicyStep.objects.filter(version_id__in=newest).order_by("days"):
        steps[step.version_id].append(Step(step.days, Action(step.action), step.message))
    found = {
        version.policy_id: Published(version, Terms(tuple(steps[pk]), OnExhausted(version.on_retries_exhausted)))
        for pk, version in newest.items()
    }
    return found, next(each for each in found.values() if each.version.policy.is_default)


def default_policy() -> Policy:
    """Everybody's who has none of its own."""
    return Policy.objects.get(is_default=True)


def holds_of(account_ids: Collection[UUID]) -> dict[UUID, list[Held]]:
    """The days on hold of these accounts, the earliest first."""
    found: dict[UUID, list[Held]] = {}
    rows = Hold.objects.filter(among("account_id", account_ids)).order_by("account_id", "from_date", "id")
    for account_id, start, end in rows.values_list("account_id", "from_date", "to_date"):
        found.setdefault(account_id, []).append(Held(start, end))
    return found


def open_holds(account_ids: Collection[UUID]) -> dict[UUID, Hold]:
    """The holds that last, by account."""
    return {hold.account_id: hold for hold in Hold.objects.filter(among("account_id", account_ids), to_date=None)}


def oldest_unpaid(account_ids: Collection[UUID]) -> dict[UUID, Invoice]:
    """The open invoice of each account that was due first; not what is carried to the account's next invoice."""
    rows = Invoice.objects.filter(among("account_id", account_ids), status=Status.OPEN)
    rows = rows.exclude(pk__in=carried(account_ids))
    rows = rows.order_by("account_id", "due_date", "id").distinct("account_id")
    return {row.account_id: row for row in rows}


def exhausted(account_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Accounts with an open invoice whose retries are exhausted, and the first of these invoices.

    All that dunning knows of retries: `payment.retries_exhausted` says it, `Exhaustion` keeps it.
    """
    rows = Exhaustion.objects.filter(among("account_id", account_ids), invoice__status=Status.OPEN)
    rows = rows.order_by("account_id", "at", "id").distinct("account_id")
    return dict(rows.values_list("account_id", "invoice_id"))


def reminded(invoices: Collection[Invoice]) -> dict[UUID, int]:
    """By invoice, of how many overdue days its account was last reminded."""
    rows = History.objects.filter(among("account_id", [each.account_id for each in invoices]), kind=Kind.REMINDER)
    rows = rows.filter(among("invoice_id", [each.pk for each in invoices])).order_by()
    return dict(rows.values_list("invoice_id").annotate(last=Max("days")))


def cancelled(invoices: Collection[Invoice]) -> set[UUID]:
    """Those of these invoices because of which subscriptions were cancelled."""
    rows = History.objects.filter(among("account_id", [each.account_id for each in invoices]), kind=Kind.CANCEL)
    return set(rows.filter(among("invoice_id", [each.pk for each in invoices])).values_list("invoice_id", flat=True))


def to_look_at(at: datetime, scope: Scope) -> QuerySet[Watch]:
    """Accounts whose time has come, the longest due first."""
    return Watch.objects.filter(clock_id=scope.clock_id, next_at__lte=at).order_by("next_at")


def times(rows: Iterable[Account]) -> dict[UUID, datetime]:
    """What time it is for each of these accounts."""
    found = list(rows)
    now = now_by_clock({account.test_clock_id for account in found})
    return {account.pk: now[account.test_clock_id] for account in found}


def times_of(account_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """The same by ids; those that do not exist are left out."""
    return times(accounts().filter(among("pk", account_ids)).only("pk", "test_clock_id"))


def last_reminders(account_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When each of these accounts was last reminded, by the policy or by hand."""
    rows = History.objects.filter(
        among("account_id", account_ids), kind__in=[Kind.REMINDER, Kind.REMINDER_BY_HAND]
    ).order_by()
    return dict(rows.values_list("account_id").annotate(last=Max("at")))


def counts() -> dict[str, int]:
    """How many accounts are WARNING and how many BLOCKED, on the wall's time; those that are on hold counted apart."""
    rows = Standing.objects.exclude(status=State.CURRENT).filter(account__test_clock__isnull=True).order_by()
    found = dict(rows.values_list("status").annotate(number=Count("pk")))
    held = Hold.objects.filter(to_date=None, account__test_clock__isnull=True).count()
    return {"warning": found.get(State.WARNING, 0), "blocked": found.get(State.BLOCKED, 0), "on_hold": held}
