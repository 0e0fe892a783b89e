"""Whether an account has a live subscription to a plan is asked of the index that allows it only one."""

from uuid import uuid4

import pytest
from django.db import connection

from apps.subscriptions.queries import _LIVE


@pytest.mark.django_db
def test_a_live_subscription_is_looked_for_where_it_is_unique() -> None:
    asked = _LIVE.replace("%s", "$1", 1).replace("%s", "$2", 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off")
        cursor.execute(f"PREPARE asked (uuid, uuid) AS {asked}")
        cursor.execute(f"EXPLAIN EXECUTE asked ('{uuid4()}', '{uuid4()}')")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("DEALLOCATE asked")
    assert "subscriptions_one_live_per_plan" in plan, plan
