"""The database that benchmarks of pages and of the API are measured on is made as tables are today, and answers."""

import json
import subprocess
import sys

import psycopg
import pytest

from tests import databases
from tests.databases import ROOT
from tests.performance import books

INVOICES = 2000


@pytest.mark.long
def test_every_request_of_the_benchmark_is_answered() -> None:
    name = books.database_name(INVOICES)
    try:
        found = subprocess.run(
            [sys.executable, "-m", "tests.performance.bench_api", "--invoices", str(INVOICES), "--seconds", "0.5"],
            cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=300, check=True,
        )  # fmt: skip
        figures = json.loads(found.stdout.splitlines()[-1])
        with psycopg.connect(databases.with_name(databases.owner_url(), name)) as connection:
            made = connection.execute("SELECT count(*) FROM invoices_invoice").fetchone()
    finally:
        databases.drop(name)
    assert made is not None
    assert made[0] > INVOICES
    assert {
        "get_one_p95_ms",
        "list_p95_ms",
        "create_subscription_p95_ms",
        "graphql_p95_ms",
        "get_one_ratio_to_bare",
    } <= (figures.keys())
