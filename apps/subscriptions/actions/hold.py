"""What people say to a run: approve one that is held, pause one, and let it go on."""

from uuid import UUID

import structlog

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.doorbell import ring_after_commit
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.transactions import unit_of_work
from apps.subscriptions.models import BillingRun, RunApproval
from apps.subscriptions.rules.runs import RunStatus

logger = structlog.get_logger(__name__)


def approve(*, run_id: UUID, actor: Actor) -> BillingRun:
    """Say that a held run may go on; it does once as many different persons or keys as it needs have said so.

    Errors: billing_run_not_found (404), billing_run_not_held, billing_run_approved_before (409)
    """
    with unit_of_work(actor):
        run = _locked(run_id)
        if run.status != RunStatus.HELD:
            raise Conflict(
                "billing_run_not_held", f"This run is {run.status}: only one that is HELD waits for approval.",
                hint="Look at its status; nothing is left to approve.",
            )  # fmt: skip
        if run.approvals.filter(actor=str(actor)).exists():
            raise Conflict(
                "billing_run_approved_before", "You have approved this run; it needs another person as well.",
                hint=f"It needs {run.approvals_needed} approvals, each of somebody else.",
            )  # fmt: skip
        RunApproval.objects.create(run=run, actor=str(actor))
        given = run.approvals.count()
        if given >= run.approvals_needed:
            _go(run, RunStatus.RUNNING)
        logger.info("billing_run_approved", run_id=str(run_id), approvals=given, needed=run.approvals_needed)
    return run


def pause(*, run_id: UUID, actor: Actor) -> BillingRun:
    """Begin no further batch of this run; the one under way is finished. Nothing falls due meanwhile but waits.

    Errors: billing_run_not_found (404), billing_run_not_running, billing_run_on_test_clock (409)
    """
    with unit_of_work(actor):
        run = _locked(run_id)
        if run.test_clock_id is not None:
            raise Conflict(
                "billing_run_on_test_clock", "A test clock's run is part of its advance, and is not paused.",
                hint="Advance the clock by less instead.",
            )  # fmt: skip
        if run.status != RunStatus.RUNNING:
            raise Conflict(
                "billing_run_not_running", f"This run is {run.status}: only one that is RUNNING can be paused.",
                hint="Look at its status.",
            )  # fmt: skip
        _go(run, RunStatus.PAUSED)
        logger.info("billing_run_paused", run_id=str(run_id), due=run.due, done=run.done)
    return run


def resume(*, run_id: UUID, actor: Actor) -> BillingRun:
    """Let a paused run go on. Errors: billing_run_not_found (404), billing_run_not_paused (409)"""
    with unit_of_work(actor):
        run = _locked(run_id)
        if run.status != RunStatus.PAUSED:
            raise Conflict(
                "billing_run_not_paused", f"This run is {run.status}: only one that is PAUSED can go on.",
                hint="One that is HELD is approved instead.",
            )  # fmt: skip
        _go(run, RunStatus.RUNNING)
        logger.info("billing_run_resumed", run_id=str(run_id), due=run.due, done=run.done)
    return run


def _locked(run_id: UUID) -> BillingRun:
    run = BillingRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NotFound("billing_run_not_found", f"There is no billing run {run_id}.", hint="Check the id.")
    return run


def _go(run: BillingRun, status: RunStatus) -> None:
    run.status, run.version, run.updated_at = status, run.version + 1, clock.wall()
    run.save(update_fields=["status", "version", "updated_at"])
    if status is RunStatus.RUNNING:
        ring_after_commit("schedule.run_due", "billing")
