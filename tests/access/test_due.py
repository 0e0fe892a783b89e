"""Idempotent requests are forgotten after 24 hours."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from apps.access import claims, due
from apps.access.models import IdempotentRequest
from apps.kernel import clock
from apps.kernel.schedule import Scope, registered

pytestmark = pytest.mark.django_db


def kept(age: timedelta, leased_until: datetime | None = None) -> IdempotentRequest:
    now = clock.wall()
    return IdempotentRequest.objects.create(
        principal="api_key:x", key=str(uuid4()), request_hash="x", created_at=now - age, lease_token=uuid4(),
        leased_until=leased_until or now - age,
    )  # fmt: skip


def test_what_is_past_its_time_is_deleted_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "PURGE_BATCH", 2)
    for _ in range(5):
        kept(timedelta(hours=25))
    stay = {kept(timedelta(hours=23)).pk, kept(timedelta(hours=25), clock.wall() + timedelta(seconds=30)).pk}
    assert due.run(clock.wall(), Scope()) == 5
    assert set(IdempotentRequest.objects.values_list("pk", flat=True)) == stay
    assert due.run(clock.wall(), Scope()) == 0


def test_it_falls_due_with_the_oldest() -> None:
    now = clock.wall()
    assert due.due(now, Scope()) is None
    row = kept(timedelta(hours=23))
    assert due.due(now, Scope()) is None
    assert due.due(now + timedelta(hours=2), Scope()) == row.created_at + claims.KEPT


def test_a_test_clock_never_forgets() -> None:
    kept(timedelta(hours=25))
    scope = Scope(uuid4())
    assert (due.due(clock.wall(), scope), due.run(clock.wall(), scope), due.pending(scope)) == (None, 0, 0)
    assert IdempotentRequest.objects.count() == 1


def test_it_is_registered() -> None:
    assert "access.forget_idempotent_requests" in [work.name for work in registered()]
