"""A look that is killed, or fails, in the middle goes on where it was; nothing is listed twice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from apps.kernel import clock
from apps.payments.actions import reconcile
from apps.payments.actions.reconcile import begin
from apps.payments.models import Difference, GatewayMovement, Reconciliation
from tests.factories.payments import ACTOR, run_sweep
from tests.factories.returns import paid
from tests.payments.test_kill import hits, kill_when, start
from tests.stripe_sandbox.conftest import Sandbox

LISTING = "GET /v1/balance_transactions"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path / "sandbox", "--retry-base", "0.05")
    yield sandbox
    sandbox.stop()


def moved() -> int:
    return GatewayMovement.objects.count()


@pytest.mark.fr("FR-071")
def test_killed_in_the_middle_of_a_listing(books: str, sandbox: Sandbox) -> None:
    paid(5000)
    begin(at=clock.wall() + timedelta(hours=2), actor=ACTOR)
    sandbox.fault(kind="timeout_before", operation=LISTING, count=1, seconds=8)
    kill_when(start(books, sandbox), lambda: hits(sandbox) == 1)
    look = Reconciliation.objects.get()
    assert (look.lease_until is None, look.finished_at, moved()) == (False, None, 0)
    run_sweep()
    look.refresh_from_db()
    assert look.finished_at is None, "the dead worker's lease still holds"
    Reconciliation.objects.update(lease_until=clock.wall() - timedelta(seconds=1))
    run_sweep()
    look.refresh_from_db()
    assert (look.finished_at is None, look.listed, moved()) == (False, 1, 1)


@pytest.mark.fr("FR-071")
def test_a_long_listing_goes_on_page_by_page(books: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "LISTED_A_TURN", 2)
    for amount in range(1000, 1005):
        paid(amount)
    begin(at=clock.wall() + timedelta(hours=2), actor=ACTOR)
    look = Reconciliation.objects.get()
    cursors, seen = [], [0]
    while look.finished_at is None:
        # Every second page gets no answer at first.
        if len(cursors) == 1:
            sandbox.fault(kind="error_before", operation=LISTING, count=1)
        reconcile.reconcile_next(actor=ACTOR)
        Reconciliation.objects.filter(finished_at=None).update(next_call_at=clock.wall())
        look.refresh_from_db()
        cursors.append(look.cursor)
        seen.append(moved())
    assert seen == [0, 2, 2, 4, 5]
    assert cursors[1] == cursors[0], "the page without an answer is asked for again"
    assert (look.listed, look.found, Difference.objects.count()) == (5, 0, 0)
    begin(at=clock.wall() + timedelta(hours=3), actor=ACTOR)
    run_sweep()
    assert (moved(), Reconciliation.objects.order_by("-pk")[0].finished_at is None) == (5, False)


@pytest.mark.fr("FR-071")
def test_whoever_lost_the_lease_writes_nothing(books: str, sandbox: Sandbox) -> None:
    paid(5000)
    begin(at=clock.wall() + timedelta(hours=2), actor=ACTOR)
    look = Reconciliation.objects.get()
    reconcile._go_on(look, ACTOR)
    assert moved() == 1, "nobody holds it: as the worker that took it"
    paid(700)
    other = Reconciliation.objects.create(
        whole=False, since=clock.wall() - timedelta(hours=1), until=clock.wall() + timedelta(hours=3),
        next_call_at=clock.wall(), lease_token="0" * 32,
    )  # fmt: skip
    stale = Reconciliation.objects.get(pk=other.pk)
    Reconciliation.objects.filter(pk=other.pk).update(lease_token="1" * 32)
    reconcile._go_on(stale, ACTOR)
    other.refresh_from_db()
    assert (other.listed, other.finished_at, moved()) == (0, None, 1)
