"""Pending work is found by indexes that hold it alone, however much there was before."""

import re

import pytest
from django.db import connection

from apps.kernel.backlog import Kind, register, registered

pytestmark = [pytest.mark.django_db, pytest.mark.fr("B-14")]

SMALL = {"clocks.advance", "subscriptions.runs", "subscriptions.moves"}
"""Tables of which a deployment has few rows."""
WHOLE = {
    # Thresholds to compare are deleted once they are compared: all there are wait.
    "subscriptions.thresholds": {"subscriptions_threshold_checks"},
    # By endpoint and state: PostgreSQL goes from one endpoint's waiting rows to the next one's.
    "webhooks.deliveries": {"webhooks_delivery_state"},
}
"""Kinds that an index of all rows finds as well, without reading others."""


def indexes(kind: Kind) -> list[str]:
    """By which indexes its rows are found, if any can be: a table that is read as a whole has none."""
    rows = kind.rows().order_by().select_related(None)
    sql, parameters = rows.values("pk").query.sql_with_params()
    table = rows.model._meta.db_table
    with connection.cursor() as cursor:
        # Each table by itself, as it would be where it is large: not row by row from another one's few.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_nestloop = off")
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"Seq Scan on {table}" not in plan, (kind.name, plan)
    return [name for name in re.findall(r"(?:using|Index Scan on) (\w+)", plan) if not name.startswith("accounts_")]


@pytest.mark.parametrize("name", sorted(set(registered()) - SMALL))
def test_rows_are_found_by_an_index(name: str) -> None:
    found = indexes(registered()[name])
    assert found, name
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " WHERE relname = ANY(%s) AND indpred IS NULL AND indrelid = %s::regclass",
            [found, registered()[name].rows().model._meta.db_table],
        )
        whole = {row[0] for row in cursor.fetchall()}
    assert whole <= WHOLE.get(name, set()), (name, whole)


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(ValueError, match="registered already"):
        register(registered()["clocks.advance"])
