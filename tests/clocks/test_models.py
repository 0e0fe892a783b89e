"""What PostgreSQL holds a test clock to."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.audit.models import Entry
from apps.clocks.actions import create
from apps.clocks.models import TestClock
from apps.clocks.rules import TRANSITIONS, Status
from apps.kernel.actors import system
from apps.kernel.errors import Forbidden, Invalid

FROZEN = datetime(2026, 4, 1, tzinfo=UTC)
ACTOR = system("tests")


@pytest.mark.django_db
def test_a_clock_never_goes_back() -> None:
    clock = create(name="life", frozen_time=FROZEN, actor=ACTOR)
    rows = TestClock.objects.filter(pk=clock.pk)
    rows.update(frozen_time=FROZEN + timedelta(days=1))
    with pytest.raises(IntegrityError, match="may not go back"), transaction.atomic():
        rows.update(frozen_time=FROZEN)
    rows.update(frozen_time=FROZEN + timedelta(days=1), name="same time is no step back")
    assert rows.get().frozen_time == FROZEN + timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize("start", Status)
@pytest.mark.parametrize("end", Status)
def test_a_clock_moves_along_its_transitions_only(start: Status, end: Status) -> None:
    clock = TestClock.objects.create(name="life", frozen_time=FROZEN, status=start)
    rows = TestClock.objects.filter(pk=clock.pk)
    if start == end or end in TRANSITIONS[start]:
        assert rows.update(status=end) == 1
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(status=end)


@pytest.mark.django_db
def test_a_clock_is_logged_under_its_maker() -> None:
    clock = create(name="life", frozen_time=FROZEN, actor=ACTOR)
    entry = Entry.objects.get(row_id=str(clock.pk))
    assert (entry.operation, entry.actor, entry.table_name) == ("INSERT", "system:tests", "clocks_testclock")


@pytest.mark.django_db
def test_a_deployment_without_test_clocks_refuses_one(settings: object) -> None:
    settings.BILLING_TEST_CLOCKS = False
    with pytest.raises(Forbidden) as refusal:
        create(name="life", frozen_time=FROZEN, actor=ACTOR)
    assert refusal.value.code == "test_clocks_off"


def test_a_time_without_a_zone_is_refused(settings: object) -> None:
    settings.BILLING_TEST_CLOCKS = True
    with pytest.raises(Invalid) as refusal:
        create(name="life", frozen_time=FROZEN.replace(tzinfo=None), actor=ACTOR)
    assert refusal.value.code == "time_without_zone"
