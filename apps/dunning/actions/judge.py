"""Judge accounts: where they stand by their policy now, what follows from that, and when to look again.

Any number of accounts takes the same queries. All of it is one transaction under the accounts' locks; judged twice,
nothing more happens.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from apps.accounts import queries as accounts
from apps.accounts.actions import mark
from apps.accounts.models import Account
from apps.accounts.objects import account_objects
from apps.accounts.rules import OverdueStatus as State
from apps.dunning import queries
from apps.dunning.actions.record import publish_steps, watch
from apps.dunning.events import AccountBlocked, AccountOverdue, AccountRestored, InvoiceOverdue
from apps.dunning.metrics import dunning_reminders_total, dunning_transitions_total
from apps.dunning.models import History, PolicyVersion, Standing
from apps.dunning.rules import Facts, Held, Kind, Reason, Verdict, farewell
from apps.dunning.rules import judge as verdict_on
from apps.events.declare import DomainEvent
from apps.events.publish import publish
from apps.events.rules import Lane
from apps.invoices.models import Invoice
from apps.invoices.objects import invoice_objects
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.periods import local_date, midnight
from apps.kernel.transactions import after_commit, unit_of_work
from apps.payments.queries import default_method_ids

ANNOUNCED: Mapping[State, type[DomainEvent]] = {
    State.CURRENT: AccountRestored, State.WARNING: AccountOverdue, State.BLOCKED: AccountBlocked,
}  # fmt: skip

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Judged:
    """An account with what was found and what it comes to."""

    account: Account
    before: State
    verdict: Verdict
    invoice: Invoice | None
    version: PolicyVersion
    at: datetime


@dataclass(frozen=True)
class _Found:
    """What is known of these accounts, each kind read once."""

    standings: Mapping[UUID, Standing]
    holds: Mapping[UUID, list[Held]]
    oldest: Mapping[UUID, Invoice]
    exhausted: Mapping[UUID, UUID]
    reminded: Mapping[UUID, int]
    methods: Mapping[UUID, UUID]
    cancelled: Collection[UUID]


def judge(*, at: Mapping[UUID, datetime], actor: Actor, lane: Lane = Lane.API) -> list[Judged]:
    """Judge these accounts, each at a time of its own; returns what changed state or was reminded."""
    if not at:
        return []
    with unit_of_work(actor):
        payers = accounts.lock(at)
        published, default = queries.policies()
        found = _find(payers, cancels=any(each.terms.cancels for each in published.values()))
        judged = []
        for account in payers.values():
            standing = found.standings.get(account.pk)
            policy = published[standing.policy_id] if standing and standing.policy_id else default
            facts = _facts(account, standing, found, at[account.pk])
            invoice = found.oldest.get(account.pk)
            came = verdict_on(policy.terms, facts)
            judged.append(Judged(account, facts.state, came, invoice, policy.version, at[account.pk]))
        _stand(judged, found)
        watch(
            [
                (each.account, midnight(each.verdict.next_on, each.account.timezone) if each.verdict.next_on else None)
                for each in judged
            ]
        )
        moved = [each for each in judged if each.verdict.state is not each.before or _does(each.verdict)]
        _announce(moved, found, actor=actor, lane=lane)
        return moved


def _does(verdict: Verdict) -> bool:
    return verdict.reminder is not None or verdict.cancel


def _find(payers: Mapping[UUID, Account], *, cancels: bool) -> _Found:
    oldest = queries.oldest_unpaid(payers)
    return _Found(
        standings=queries.standings_of(payers),
        holds=queries.holds_of(payers),
        oldest=oldest,
        exhausted=queries.exhausted(payers),
        reminded=queries.reminded(list(oldest.values())),
        methods=default_method_ids(list(payers)),
        cancelled=queries.cancelled(list(oldest.values())) if cancels else set(),
    )


def _facts(account: Account, standing: Standing | None, found: _Found, at: datetime) -> Facts:
    invoice = found.oldest.get(account.pk)
    return Facts(
        state=State(standing.status) if standing else State.CURRENT,
        today=local_date(at, account.timezone),
        due=invoice.due_date if invoice else None,
        exhausted=account.pk in found.exhausted,
        reminded=found.reminded.get(invoice.pk) if invoice else None,
        cancelled=invoice is not None and invoice.pk in found.cancelled,
        holds=found.holds.get(account.pk, ()),
        has_method=account.pk in found.methods,
    )


def _stand(judged: Collection[Judged], found: _Found) -> None:
    """Write standings where they change: an account that is behind has one, even while it is CURRENT."""
    now, changed = clock.wall(), []
    for each in judged:
        overdue = each.invoice if each.invoice and each.verdict.days > 0 else None
        reason = each.verdict.reason.value if each.verdict.reason else ""
        standing = found.standings.get(each.account.pk) or Standing(account_id=each.account.pk, version=0)
        before = (standing.status, standing.reason, standing.invoice_id)
        after = (each.verdict.state.value, reason, overdue.pk if overdue else None)
        if before == after:
            continue
        if each.verdict.state is not each.before:
            standing.since = each.at
        standing.status, standing.reason, standing.invoice_id = after
        standing.due_date = overdue.due_date if overdue else None
        standing.version, standing.updated_at = standing.version + 1, now
        changed.append(standing)
    Standing.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["account"],
        update_fields=["status", "reason", "since", "invoice", "due_date", "version", "updated_at"],
    )


def _announce(moved: Collection[Judged], found: _Found, *, actor: Actor, lane: Lane) -> None:
    """History, the account's own state, and who is told what."""
    changed = [each for each in moved if each.verdict.state is not each.before]
    steps = [row for each in moved for row in _rows(each, found, str(actor))]
    shown = mark(
        {each.account.pk: {"overdue_status": each.verdict.state.value} for each in changed},
        at={each.account.pk: each.at for each in changed},
        lane=lane,
    )
    objects = dict(zip(shown, account_objects(list(shown.values())), strict=True))
    publish(
        [
            ANNOUNCED[each.verdict.state](
                object=objects[each.account.pk],
                object_id=each.account.pk,
                account_id=each.account.pk,
                effective_at=each.at,
                previous_attributes={"overdue_status": each.before.value},
            )
            for each in changed
        ],
        lane=lane,
    )
    publish(list(_overdue(moved)), lane=lane)
    publish_steps(steps, lane=lane)
    for each in moved:
        _count(each)


def _overdue(moved: Collection[Judged]) -> Iterator[DomainEvent]:
    """Of the invoices because of which a step is taken for the first time; before the steps are written."""
    late = [(each.invoice, each) for each in moved if each.invoice is not None and each.verdict.days > 0]
    known = queries.had_steps([invoice for invoice, _ in late])
    fresh = [(invoice, each) for invoice, each in late if invoice.pk not in known]
    objects = invoice_objects([invoice for invoice, _ in fresh]) if fresh else []
    for shown, (_, each) in zip(objects, fresh, strict=True):
        yield InvoiceOverdue(object=shown, object_id=shown.id, account_id=each.account.pk, effective_at=each.at)


def _rows(each: Judged, found: _Found, actor: str) -> Iterator[History]:
    """The rows of the history. What exhausted retries bring about is about the invoice that they were for."""
    verdict, invoice_id = each.verdict, each.invoice.pk if each.invoice else None
    changed = verdict.state is not each.before
    common: dict[str, Any] = {
        "account_id": each.account.pk, "at": each.at, "status_before": each.before, "status_after": verdict.state,
        "reason": verdict.reason or "", "policy_version": each.version, "actor": actor,
    }  # fmt: skip
    if changed:
        message = verdict.message
        about = found.exhausted.get(each.account.pk, invoice_id)
        if verdict.state is State.CURRENT:
            message, about = farewell(each.before).value, None
        elif verdict.reason is Reason.OVERDUE:
            about = invoice_id
        yield History(kind=Kind.STATE, invoice_id=about, days=verdict.days, message=message, **common)
    if verdict.reminder:
        # Somebody who is told of the state has been told of the invoice.
        told = "" if changed and verdict.state is not State.CURRENT else verdict.reminder.message
        yield History(kind=Kind.REMINDER, invoice_id=invoice_id, days=verdict.reminder.days, message=told, **common)
    if verdict.cancel:
        yield History(kind=Kind.CANCEL, invoice_id=invoice_id, days=verdict.days, **common)


def _count(each: Judged) -> None:
    state, reason = each.verdict.state.value.lower(), each.verdict.reason or ""
    if each.verdict.reminder:
        after_commit(dunning_reminders_total.labels("policy").inc, name="dunning_reminders_total")
    if each.verdict.state is each.before:
        return
    after_commit(dunning_transitions_total.labels(state, reason).inc, name="dunning_transitions_total")
    logger.info(
        "account_state_changed",
        account_id=str(each.account.pk),
        before=each.before.value,
        after=each.verdict.state.value,
        reason=reason,
        days_overdue=each.verdict.days,
    )
