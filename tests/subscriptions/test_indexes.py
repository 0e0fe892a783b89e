"""What a creation looks for is found in an index of nothing else, whatever the values."""

from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from apps.invoices.queries import _OPEN
from apps.kernel.membership import array
from apps.subscriptions.queries import _LIVE
from tests.databases import owner_url, with_name


def test_a_live_subscription_and_open_invoices(committed_db: str) -> None:
    with psycopg.connect(with_name(owner_url(), urlsplit(committed_db).path[1:]), connect_timeout=5) as owner:
        owner.execute("SET plan_cache_mode = force_generic_plan")
        owner.execute("SET enable_seqscan = off")
        # Among few rows those of all that is open, or of all invoices of an account, do as well.
        owner.execute("DROP INDEX invoices_invoice_open, invoices_invoice_account, invoices_invoice_status")
        live = _LIVE.replace("%s", "$1", 1).replace("%s", "$2", 1)
        owner.execute(f"PREPARE live (uuid, uuid) AS {live}")  # type: ignore[arg-type]
        owner.execute(f"PREPARE owed (text) AS {_OPEN.replace('%s', '$1')}")  # type: ignore[arg-type]
        asked = {
            "subscriptions_one_live_per_plan": f"EXPLAIN EXECUTE live ('{uuid4()}', '{uuid4()}')",
            "invoices_invoice_owed": f"EXPLAIN EXECUTE owed ('{array([uuid4()])}')",
        }
        for index, explain in asked.items():
            plan = "\n".join(row[0] for row in owner.execute(explain))  # type: ignore[arg-type]
            assert index in plan, plan
