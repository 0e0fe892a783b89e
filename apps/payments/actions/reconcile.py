"""A look at the gateway: list what moved its balance, compare it with payments and books, make tasks of differences.

What a lost webhook would have said is looked into again, by the very same path; only what does not agree after that is
a task for a person. A look goes on page by page in turns of the worker: whoever dies is taken over at the last page.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

import structlog

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.transactions import unit_of_work
from apps.payments import reconcile_queries as queries
from apps.payments.actions import differences, lease
from apps.payments.actions.notices import keep_all
from apps.payments.gateway import GatewayRefused, GatewayUnavailable, Movement, current
from apps.payments.models import GatewayMovement, GatewayNotice, Payment, Reconciliation
from apps.payments.reconcile_rules import (
    LISTED_DAILY,
    MOST,
    OVERLAP,
    QUIET,
    RECENT,
    SIDES,
    Finding,
    findings,
    hour,
)
from apps.payments.rules import NoticeStatus

logger = structlog.get_logger(__name__)

LISTED_A_TURN = 300
"""Movements read in one turn: three pages, for which its lease has time."""


def begin(*, at: datetime, actor: Actor) -> int:
    """Begin the look of this hour; the day's first compares all. Returns 1, or 0 if it has begun already."""
    with unit_of_work(actor):
        if not queries.look_is_due(at):
            return 0
        done = Reconciliation.objects.filter(whole=True, slot__gte=hour(at).replace(hour=0)).exists()
        row = Reconciliation(
            slot=hour(at), whole=not done, since=_since(at, whole=not done), until=at, next_call_at=clock.wall()
        )
        Reconciliation.objects.bulk_create([row], ignore_conflicts=True)
        ring_after_commit("payments.sweep", "payments")
    return 1


def _since(at: datetime, *, whole: bool) -> datetime:
    """From where the last look ended; the first begins with our first payment."""
    last = Reconciliation.objects.filter(finished_at__isnull=False).order_by("-until").first()
    if last is None:
        first = Payment.objects.order_by("pk").values_list("created_at", flat=True).first()
        return min(first or at, at) - OVERLAP
    since = min(last.until, at) - OVERLAP
    return min(since, at - LISTED_DAILY) if whole else since


def reconcile_next(*, actor: Actor) -> lease.Turn:
    """Go on with the look whose turn it is."""
    return lease.turn(queries.to_reconcile(), lambda look: _go_on(look, actor), actor=actor)


def _go_on(look: Reconciliation, actor: Actor) -> None:
    """Read some pages; with the last, compare."""
    try:
        moved = list(islice(current().movements(since=look.since, until=look.until, after=look.cursor), LISTED_A_TURN))
    except GatewayRefused as error:
        raise GatewayUnavailable(f"listing refused: {error.code}") from error
    with unit_of_work(actor):
        held = Reconciliation.objects.select_for_update(no_key=True).filter(pk=look.pk, lease_token=look.lease_token)
        if not held.exists():
            return  # the lease lapsed, and somebody else goes on
        _keep(moved)
        look.listed += len(moved)
        over = len(moved) < LISTED_A_TURN
        if over:
            _compare(look, actor)
        Reconciliation.objects.filter(pk=look.pk).update(
            cursor=look.cursor if over else moved[-1].gateway_id,
            listed=look.listed,
            asked=look.asked,
            found=look.found,
            finished_at=clock.wall() if over else None,
            next_call_at=None if over else clock.wall(),
            lease_token=None,
            lease_until=None,
            last_error="",
        )


def _keep(moved: Sequence[Movement]) -> None:
    rows = [
        GatewayMovement(
            gateway_id=each.gateway_id,
            side=SIDES[each.kind],
            amount=each.amount,
            currency=each.currency,
            charge_id=each.charge_id,
            source_id=each.source_id,
            customer_id=each.customer_id,
            payment_id=each.payment_id,
            at=each.at,
        )
        for each in moved
        if each.kind in SIDES and each.charge_id
    ]
    GatewayMovement.objects.bulk_create(rows, ignore_conflicts=True)


def _compare(look: Reconciliation, actor: Actor) -> None:
    """Make tasks of what does not agree though it was looked into, and close those that vanished."""
    quiet = look.until - QUIET
    charges = queries.all_charges(quiet) if look.whole else queries.charges_since(look.until - RECENT, quiet)
    found = [each for charge in charges for each in findings(charge)]
    if look.whole:
        found += queries.clearing()
    looked_into = _ask_again(found, look, actor)
    differences.open_tasks(looked_into, at=look.until, actor=actor)
    gone = differences.close_vanished(found, clearing=look.whole, at=look.until, actor=actor)
    look.found = len(looked_into)
    logger.info(
        "reconciliation_done",
        whole=look.whole, listed=look.listed, asked=look.asked, found=look.found, resolved=gone, since=str(look.since),
        until=str(look.until), more=len(charges) == MOST,
    )  # fmt: skip


def _ask_again(found: Sequence[Finding], look: Reconciliation, actor: Actor) -> list[Finding]:
    """Look into what a webhook may have failed to say, once; returns what that has not settled, or cannot."""
    told = {each: [(_word(each, object_id), kind, object_id) for kind, object_id in each.asks] for each in found}
    words = [word for asks in told.values() for word, _, _ in asks]
    known = dict(GatewayNotice.objects.filter(gateway_event_id__in=words).values_list("gateway_event_id", "status"))
    new = [ask for asks in told.values() for ask in asks if ask[0] not in known]
    keep_all(new, actor=actor)
    look.asked += len(new)
    return [each for each, asks in told.items() if all(known.get(word) == NoticeStatus.DONE for word, _, _ in asks)]


def _word(finding: Finding, object_id: str) -> str:
    """The same for the same difference, so that it is looked into once; another when an amount has changed."""
    return f"look:{finding.outside}:{finding.ours}:{object_id}"[:255]
