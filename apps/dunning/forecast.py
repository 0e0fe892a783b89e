"""What a policy would make of real accounts now: which would change state, how many, and how much they owe."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from apps.accounts.models import Account
from apps.accounts.rules import OverdueStatus as State
from apps.dunning import queries
from apps.dunning.rules import Facts, Terms, judge
from apps.invoices.models import Invoice
from apps.invoices.queries import with_balances
from apps.invoices.rules import Status
from apps.kernel.membership import among
from apps.kernel.periods import local_date

BATCH = 1000
SHOWN = 50


@dataclass(frozen=True)
class Change:
    """An account that would change state."""

    account: Account
    before: State
    after: State
    days: int
    open: int


@dataclass
class Forecast:
    """All of them counted and added up, the first ones by name. `looked_at`: accounts that have something open."""

    looked_at: int = 0
    counts: Counter[tuple[State, State]] = field(default_factory=Counter)
    amounts: Counter[tuple[State, State, str]] = field(default_factory=Counter)
    first: list[Change] = field(default_factory=list)


def concerned(policy_id: UUID | None, *, default: bool) -> QuerySet[Account]:
    """Accounts that have a policy, by name or (`default`) because they have none, and that owe or are behind."""
    mine = Q(standing__policy_id=policy_id) if policy_id else Q(pk__in=[])
    if default:
        mine |= Q(standing__isnull=True) | Q(standing__policy_id=None)
    owing = Invoice.objects.filter(status=Status.OPEN).order_by().values("account_id")
    behind = Q(pk__in=owing) | Q(standing__status__in=[State.WARNING, State.BLOCKED])
    return Account.objects.filter(mine, behind).order_by("pk")


def forecast(terms: Terms, whose: QuerySet[Account]) -> Forecast:
    """Judge `whose` accounts by `terms`, of which nothing is written; a few queries for each thousand."""
    found = Forecast()
    for batch in _batches(whose):
        found.looked_at += len(batch)
        for change in _changes(terms, batch):
            pair = (change.before, change.after)
            found.counts[pair] += 1
            found.amounts[(*pair, change.account.currency)] += change.open
            if len(found.first) < SHOWN:
                found.first.append(change)
    return found


def _batches(whose: QuerySet[Account]) -> Iterator[list[Account]]:
    last = None
    while batch := list((whose.filter(pk__gt=last) if last else whose)[:BATCH]):
        yield batch
        last = batch[-1].pk


def _changes(terms: Terms, batch: list[Account]) -> Iterator[Change]:
    ids = [account.pk for account in batch]
    at, holds, oldest = queries.times(batch), queries.holds_of(ids), queries.oldest_unpaid(ids)
    exhausted, owed = queries.exhausted(ids), _open(ids)
    for account in batch:
        before, invoice = State(account.overdue_status), oldest.get(account.pk)
        verdict = judge(
            terms,
            Facts(
                state=before,
                today=local_date(at[account.pk], account.timezone),
                due=invoice.due_date if invoice else None,
                exhausted=account.pk in exhausted,
                holds=holds.get(account.pk, ()),
            ),
        )
        if verdict.state is not before:
            yield Change(account, before, verdict.state, verdict.days, owed.get(account.pk, 0))


def _open(ids: list[UUID]) -> dict[UUID, int]:
    rows = with_balances(Invoice.objects.filter(among("account_id", ids), status=Status.OPEN)).order_by()
    return {pk: int(owed) for pk, owed in rows.values_list("account_id").annotate(owed=Sum("balance"))}
