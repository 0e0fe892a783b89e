"""Room for the months to come is made before they come."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from apps.audit.queries import partitions_missing
from apps.kernel import clock, schedule
from apps.kernel.schedule import Scope

LATER = datetime(2033, 11, 30, 23, 59, tzinfo=UTC)
WORK = next(work for work in schedule.registered() if work.name == "audit.partitions")


@pytest.mark.django_db
def test_partitions_are_made_once_and_over_the_year() -> None:
    assert WORK.due(LATER, Scope()) == LATER
    assert WORK.run(LATER, Scope()) == 4
    assert WORK.run(LATER, Scope()) == 0
    assert WORK.due(LATER, Scope()) is None
    assert WORK.pending(Scope()) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_entry_2033_11'), to_regclass('audit_entry_2034_02')")
        assert None not in cursor.fetchone()


@pytest.mark.django_db
def test_a_fresh_database_has_room_and_test_clocks_ask_for_none() -> None:
    assert not partitions_missing(clock.wall())
    assert WORK.due(LATER, Scope(uuid4())) is None
    assert WORK.run(LATER, Scope(uuid4())) == 0
