"""The database of bench_admin and bench_api: the parts of million.sql, as the owner; last a stamp that all is there."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from tests import databases
from tests.databases import ROOT

PARTS = Path(__file__).with_name("million.sql")
STAMP = "bench_admin_stamp"


def database_name(invoices: int) -> str:
    return f"billing_admin_{invoices}"


def ready(invoices: int) -> str:
    """Make the database of so many invoices if it is not there, bring its tables up to date, and point the environment
    at it; the owner's address."""
    name = database_name(invoices)
    owner_url = databases.with_name(databases.owner_url(), name)
    if not filled(owner_url):
        say(f"making {invoices:,} invoices")
        databases.clone(name)
        fill(owner_url, invoices)
    os.environ["DATABASE_URL"] = databases.with_name(os.environ["DATABASE_URL"], name)
    os.environ["DATABASE_OWNER_URL"] = owner_url
    subprocess.run([sys.executable, str(ROOT / "manage.py"), "prepare"], cwd=ROOT, check=True, stdout=sys.stderr)
    vacuum(owner_url)
    return owner_url


def filled(owner_url: str) -> bool:
    """Whether a run before this one has made them all."""
    try:
        with psycopg.connect(owner_url) as connection:
            found = connection.execute("SELECT to_regclass(%s)", [STAMP]).fetchone()
    except psycopg.OperationalError:
        return False
    return found is not None and found[0] is not None


def fill(owner_url: str, invoices: int) -> None:
    """Make `invoices` invoices and all that belongs to them in a database without any."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for setting, value in (("statement_timeout", "0"), ("work_mem", "256MB"), ("bench.invoices", str(invoices))):
            connection.execute("SELECT set_config(%s, %s, false)", [setting, value])
        for part in PARTS.read_text().split("-- part: ")[1:]:
            name, _, statements = part.partition("\n")
            began = time.perf_counter()
            # Without parameters: all statements of the part at once, in one transaction.
            connection.execute(statements.encode())
            say(f"  {name}: {time.perf_counter() - began:.1f} s")
        connection.execute(f"CREATE TABLE {STAMP} ()")


def vacuum(owner_url: str) -> None:
    """As autovacuum leaves tables that rest."""
    began = time.perf_counter()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
    say(f"vacuumed and analysed in {time.perf_counter() - began:.1f} s")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
