"""Files of SQL in parts ("-- part:" begins one, in a transaction of its own), run as the owner with settings."""

import sys
import time
from pathlib import Path

import psycopg

SETTINGS = (("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("work_mem", "256MB"))


def run(url: str, file: Path, **settings: str) -> float:
    """Run its parts in order, in one session; the seconds that they took."""
    total = 0.0
    with psycopg.connect(url, autocommit=True) as connection:
        for setting, value in (*SETTINGS, *settings.items()):
            connection.execute("SELECT set_config(%s, %s, false)", [setting, value])
        for part in file.read_text().split("-- part: ")[1:]:
            name, _, statements = part.partition("\n")
            began = time.perf_counter()
            if statements.strip().rpartition("\n")[2] == "VACUUM ANALYZE;":
                connection.execute("VACUUM ANALYZE")
            else:
                # Without parameters: all statements of the part at once, in one transaction.
                connection.execute(statements.encode())
            took = time.perf_counter() - began
            total += took
            say(f"  {name}: {took:.1f} s")
    return total


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
