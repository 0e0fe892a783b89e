"""Tasks of reconciliation: opened, closed when they vanish, mended by what is proposed, or dismissed with a reason."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import structlog
from django.db.models import F

from apps.accounts import queries as accounts
from apps.clocks.queries import now_for
from apps.events.publish import publish
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.transactions import unit_of_work
from apps.payments import reconcile_queries as queries
from apps.payments.actions.notices import keep_all
from apps.payments.actions.record import record
from apps.payments.actions.transfer import Transfer, record_transfer
from apps.payments.events import DifferenceFound
from apps.payments.gateway import ChargeResult, Outcome
from apps.payments.models import Difference, Reconciliation
from apps.payments.reconcile_objects import difference_objects
from apps.payments.reconcile_rules import (
    MOST,
    OVERLAP,
    Charge,
    DifferenceKind,
    DifferenceStatus,
    Finding,
    Fix,
    findings,
)

logger = structlog.get_logger(__name__)

VANISHED = "Both sides agree by now."
BY_GATEWAY = "gateway"
"""The method of a payment that was made at the gateway itself."""
DONE = {
    Fix.RECORD: "Recorded as the gateway has it.",
    Fix.TAKE_OVER: "Taken over for the account.",
    Fix.LOOK_AGAIN: VANISHED,
}


def open_tasks(found: Sequence[Finding], *, at: datetime, actor: Actor) -> None:
    """A task for each, in the caller's transaction. One that is there already stays the one; dismissed, it stays so
    until an amount changes."""
    there = {
        (row.kind, row.subject): row
        for row in Difference.objects.select_for_update(no_key=True)
        .filter(subject__in=[each.subject for each in found])
        .order_by("pk")
    }
    new: list[Difference] = []
    for each in found:
        row = there.get((each.kind.value, each.subject)) or Difference(kind=each.kind, subject=each.subject)
        known, before = (each.kind.value, each.subject) in there, _amounts(row)
        row.fix, row.account_id, row.payment_id = each.fix, each.account_id, each.payment_id
        row.outside_amount, row.outside_currency = each.outside, each.outside_currency
        row.our_amount, row.our_currency, row.seen_at = each.ours, each.our_currency, at
        same = known and _amounts(row) == before
        if known and same and row.status != DifferenceStatus.RESOLVED:
            Difference.objects.filter(pk=row.pk).update(seen_at=at)
            continue
        news = not known or row.status != DifferenceStatus.OPEN
        row.status, row.closed_at, row.closed_by, row.reason = DifferenceStatus.OPEN, None, "", ""
        if known:
            row.version, row.updated_at = row.version + 1, clock.wall()
            row.save()
        if news:
            new.append(row)
    Difference.objects.bulk_create([row for row in new if (row.kind, row.subject) not in there])
    _announce(new, at)


def _amounts(row: Difference) -> tuple[object, ...]:
    return (row.outside_amount, row.outside_currency, row.our_amount, row.our_currency, row.fix)


def _announce(rows: Sequence[Difference], at: datetime) -> None:
    publish([
        DifferenceFound(object=shown, object_id=shown.id, account_id=shown.account_id, effective_at=at)
        for shown in difference_objects(rows)
    ])  # fmt: skip
    for row in rows:
        logger.warning(
            "reconciliation_difference", difference_id=str(row.pk), kind=str(row.kind), subject=row.subject,
            outside=row.outside_amount, ours=row.our_amount, currency=row.outside_currency,
        )  # fmt: skip


def close_vanished(found: Sequence[Finding], *, clearing: bool, at: datetime, actor: Actor) -> int:
    """Close the open tasks that are none any more, in the caller's transaction; returns how many.

    Each is compared again, whatever the look was about; clearing accounts only if the look was at them.
    """
    still = {(each.kind.value, each.subject) for each in found}
    tasks = Difference.objects.filter(status=DifferenceStatus.OPEN).exclude(kind=DifferenceKind.TRANSFER_UNMATCHED)
    rows = tasks.select_for_update(no_key=True).order_by("pk")
    doubtful = [row for row in rows if (row.kind, row.subject) not in still]
    if not clearing:
        doubtful = [row for row in doubtful if row.kind != DifferenceKind.CLEARING_DIFFERS]
    for start in range(0, len(doubtful), MOST):
        charges = queries.charges_of([row.subject for row in doubtful[start : start + MOST]])
        still |= {(each.kind.value, each.subject) for charge in charges for each in findings(charge)}
    gone = [row.pk for row in doubtful if (row.kind, row.subject) not in still]
    close(gone, DifferenceStatus.RESOLVED, VANISHED, at=at, actor=actor)
    return len(gone)


def apply(*, difference_id: UUID, actor: Actor) -> Difference:
    """Do what is proposed. What is looked into again stays open until a look finds both sides agree.

    Errors: difference_not_found (404); difference_closed, difference_by_hand, difference_to_assign, difference_changed,
    nothing_billed (409).
    """
    with unit_of_work(actor):
        row = _lock(difference_id)
        if row.fix == Fix.ASSIGN:
            raise Conflict(
                "difference_to_assign",
                "Nobody knows yet whose money this is.",
                hint="Name the account or the invoice with POST assign.",
            )
        if row.fix == Fix.BY_HAND:
            raise Conflict(
                "difference_by_hand",
                "Nothing can be proposed for this: a person has to decide.",
                hint="Mend it at the gateway or with a refund or credit, then dismiss it with the reason.",
            )
        at = clock.wall()
        now = _found(row)
        if now is None:
            close([row.pk], DifferenceStatus.RESOLVED, VANISHED, at=at, actor=actor)
        elif (now[1].outside, now[1].ours, now[1].fix) != (row.outside_amount, row.our_amount, row.fix):
            raise Conflict(
                "difference_changed",
                "The amounts have changed since this was found.",
                hint="The next look, within the hour, shows what they are now.",
            )
        elif row.fix == Fix.LOOK_AGAIN:
            _look_again(row, now, at, actor)
        else:
            _mend(row, now[0], actor)
            close([row.pk], DifferenceStatus.RESOLVED, DONE[Fix(row.fix)], at=at, actor=actor)
        row.refresh_from_db()
        return row


def dismiss(*, difference_id: UUID, reason: str, actor: Actor) -> Difference:
    """Nothing is to be done about it, for this reason. It comes back if an amount changes.

    Errors: difference_not_found (404), difference_closed (409).
    """
    with unit_of_work(actor):
        row = _lock(difference_id)
        close([row.pk], DifferenceStatus.DISMISSED, reason, at=clock.wall(), actor=actor)
        row.refresh_from_db()
        return row


def _lock(difference_id: UUID) -> Difference:
    """Lock the account first, as everybody does, then the task."""
    found = Difference.objects.filter(pk=difference_id).values_list("account_id", flat=True)
    if not found:
        raise NotFound("difference_not_found", f"There is no difference {difference_id}.", hint="Check the id.")
    if found[0]:
        accounts.lock_one(found[0])
    row = queries.lock_difference(difference_id)
    demand_open(row)
    return row


def demand_open(row: Difference) -> None:
    """Errors: difference_closed (409)."""
    if row.status != DifferenceStatus.OPEN:
        raise Conflict(
            "difference_closed", f"This is {row.status}: {row.reason}", hint="Only an open difference can be worked on."
        )


def _found(row: Difference) -> tuple[Charge, Finding] | None:
    """How the two sides stand now."""
    for each in queries.charges_of([row.subject]):
        for finding in findings(each):
            if finding.kind == row.kind:
                return each, finding
    return None


def _mend(row: Difference, found: Charge, actor: Actor) -> None:
    """Write down what the gateway has moved: its listing says so."""
    if row.fix == Fix.RECORD and row.payment_id:
        result = ChargeResult(
            outcome=Outcome.SUCCEEDED,
            gateway_id=found.charge_id,
            payment_id=row.payment_id,
            amount=found.charged,
            currency=found.currency,
        )
        record(payment_id=row.payment_id, result=result, actor=actor, by_hand=True)
    elif row.account_id:
        at = now_for(accounts.lock_one(row.account_id))
        record_transfer(
            Transfer(
                account_id=row.account_id,
                amount=found.charged,
                currency=found.currency,
                method=BY_GATEWAY,
                reference=found.charge_id,
                received_at=at,
                charge_id=found.charge_id,
            ),
            at=at,
            actor=actor,
        )


def _look_again(row: Difference, found: tuple[Charge, Finding], at: datetime, actor: Actor) -> None:
    """Ask about the objects that it is about; where the gateway lists none, list what it did at that time again."""
    asks = found[1].asks
    keep_all([(f"again:{uuid4()}", kind, object_id) for kind, object_id in asks], actor=actor)
    if not asks and row.payment:
        Reconciliation.objects.create(
            whole=False, since=row.payment.created_at - OVERLAP, until=at, next_call_at=clock.wall()
        )
        ring_after_commit("payments.sweep", "payments")
    Difference.objects.filter(pk=row.pk).update(version=F("version") + 1, updated_at=clock.wall())


def close(ids: Sequence[UUID], status: DifferenceStatus, reason: str, *, at: datetime, actor: Actor) -> None:
    """They are no task any more, in the caller's transaction."""
    Difference.objects.filter(pk__in=ids).update(
        status=status,
        reason=reason[:500],
        closed_at=at,
        closed_by=str(actor)[:255],
        version=F("version") + 1,
        updated_at=clock.wall(),
    )
    for difference_id in ids:
        logger.info("reconciliation_closed", difference_id=str(difference_id), status=str(status), reason=reason[:100])
