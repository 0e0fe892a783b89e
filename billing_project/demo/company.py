"""Who is billed: the seller, the price list and the customers, all on one test clock."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from billing_project.demo.client import Client, DemoFailed
from billing_project.demo.words import say

CHECKOUT = Path(__file__).resolve().parents[2]
FILES = CHECKOUT / "deploy" / "demo"
START = "2027-12-31T00:00:00Z"
"""Before a leap year, so that anchors on the 31st meet 29 February."""

SELLER = {
    "legal_name": "Northwind Software GmbH", "country": "DE", "email": "billing@northwind.example",
    "address": {"line1": "Lindenstrasse 5", "postal_code": "10969", "city": "Berlin"},
}  # fmt: skip


def make(client: Client, customers: int) -> str:
    """Everything that stands before the first day; returns the id of the test clock."""
    client.call("PUT", "/v1/tax/seller", SELLER)
    for registration in json.loads((FILES / "registrations.json").read_text(encoding="utf-8"))["tax_registrations"]:
        client.call("POST", "/v1/tax/registrations", registration)
    say("  plans: " + commanded("catalog", "apply", str(FILES / "catalogue.yaml")).strip().splitlines()[-1])
    clock = str(client.call("POST", "/v1/test-clocks", {"frozen_time": START, "name": "demo"})["id"])
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder) / "customers.csv"
        lines = (FILES / "customers.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        chosen.write_text("".join(lines[: customers + 1]), encoding="utf-8")
        for line in commanded("import_accounts", str(chosen), "--clock", clock).strip().splitlines():
            say(f"  {line}")
    return clock


def commanded(*arguments: str) -> str:
    """What a command of manage.py prints; it has to succeed. Its progress is seen while it runs."""
    done = manage(*arguments)
    if done.returncode:
        raise DemoFailed(f"manage.py {' '.join(arguments)} failed:\n{done.stdout[-2000:].rstrip()}")
    return done.stdout


def manage(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of manage.py. What goes to stderr, progress and complaints, is shown at once."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(CHECKOUT / "manage.py"), *arguments], stdout=subprocess.PIPE, text=True, check=False
    )
