"""The main job: a company is billed for three months on real workers, moved by a test clock over the API.

A client like any other: it knows the API and the commands, and nothing of the inside. `make demo` starts the stack.
"""

import os
import sys
import time
from pathlib import Path

from billing_project.demo import company, life, summary
from billing_project.demo.client import Client, DemoFailed
from billing_project.demo.words import say
from billing_project.services.folder import Folder

__all__ = ["DemoFailed", "main"]


def main() -> int:
    """Run it against whatever serves on DATA. DEMO_CUSTOMERS and DEMO_DAYS shorten it."""
    data = Path(os.environ["DATA"])
    url = Folder(data).read_record().get("url")
    if not url:
        raise DemoFailed(f"nothing serves on {data}\n  hint: `make demo` starts everything first")
    began = time.monotonic()
    key = company.commanded("create_api_key", "--role", "super_admin", "--name", "demo", "--rate-limit", "0").strip()
    client = Client(url, key)
    say(f"API at {url}; the company:")
    clock = company.make(client, int(os.environ.get("DEMO_CUSTOMERS", "200")))
    days = int(os.environ.get("DEMO_DAYS", "91"))
    say(f"{days} days from {company.START[:10]}, one at a time:")
    moving, used = life.live(client, clock, days)
    summary.show(client, used)
    say("\nDoes everything add up? (manage.py invariants)")
    checked = company.manage("invariants")
    say(checked.stdout.rstrip())
    pdfs = summary.documents(client, data / "demo")
    say(f"\n{pdfs} invoices as PDF in {data / 'demo'}")
    invoices = sum(1 for _ in client.every("/v1/invoices"))
    say(f"{invoices} invoices in {moving:.0f} s of billing: {invoices / moving:.1f} a second;"
        f" {time.monotonic() - began:.0f} s in all")  # fmt: skip
    if os.environ.get("KEEP", "1") != "0":
        say(summary.look_further(client))
    sys.stdout.flush()
    return checked.returncode
