"""The main job on a small company: deploy/demo/first.json goes in over HTTP, worker and beat do the rest.

A client like any other: it knows the API and nothing of the inside. `make demo` starts the stack and runs it.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from apps.kernel.money import Money
from billing_project.services.folder import Folder

CHECKOUT = Path(__file__).resolve().parents[1]
COMPANY = CHECKOUT / "deploy" / "demo" / "first.json"
PATIENCE_SECONDS = 60


class DemoFailed(Exception):
    """The demo cannot go on; says what to look at."""


@dataclass
class Client:
    """The public API with one key."""

    url: str
    key: str

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own http address
            f"{self.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise DemoFailed(f"{method} {path} answered {error.code}: {error.read().decode()[:2000]}") from error

    def every(self, path: str) -> Iterator[Any]:
        """All objects of a list, page by page."""
        joint = "&" if "?" in path else "?"
        page = self.call("GET", f"{path}{joint}limit=100")
        yield from page["data"]
        while page["has_more"]:
            page = self.call("GET", f"{path}{joint}limit=100&cursor={page['next_cursor']}")
            yield from page["data"]


def main() -> int:
    """Run it against whatever serves on DATA."""
    url = Folder(Path(os.environ["DATA"])).read_record().get("url")
    if not url:
        raise DemoFailed(f"nothing serves on {os.environ['DATA']}\n  hint: `make demo` starts everything first")
    return run(url)


def run(url: str) -> int:
    """Bill the company and show what came of it; 1 if anything does not add up."""
    say(f"API at {url}")
    client = Client(url, make_key())
    company = json.loads(COMPANY.read_text())
    accounts = send(client, company)
    invoices, payments = wait_until_settled(client, accounts)
    show(client, accounts, invoices, payments)
    say("\nDoes everything add up? (manage.py invariants)")
    checked = manage("invariants")
    sys.stdout.write(checked.stdout)
    say(look_further(client, invoices))
    return checked.returncode


def send(client: Client, company: Mapping[str, Any]) -> dict[str, Any]:
    """Create everything; returns the accounts by id. Keys get the time of this run, so that it may be repeated."""
    stamp = f"{datetime.now(UTC):%m%d-%H%M%S}"
    registered = {each["country"] for each in client.every("/v1/tax/registrations")}
    for registration in company["tax_registrations"]:
        if registration["country"] not in registered:
            client.call("POST", "/v1/tax/registrations", registration)
    plans = {
        plan["key"]: client.call("POST", "/v1/plans", {**plan, "key": f"{plan['key']}-{stamp}"})
        for plan in company["plans"]
    }
    say(f"{len(plans)} plans created")
    accounts = {}
    for customer in company["customers"]:
        account = client.call(
            "POST",
            "/v1/accounts",
            {**customer["account"], "external_key": f"{customer['account']['external_key']}-{stamp}"},
        )
        accounts[account["id"]] = account
        client.call("POST", f"/v1/accounts/{account['id']}/payment-methods", {"payment_method_token": customer["card"]})
        wanted = dict(customer["subscription"])
        plan = plans[wanted.pop("plan")]
        if days := wanted.pop("started_days_ago", 0):
            wanted["start_date"] = str((datetime.now(ZoneInfo(account["timezone"])) - timedelta(days=days)).date())
        made = client.call("POST", "/v1/subscriptions", {"account_id": account["id"], "plan_id": plan["id"], **wanted})
        since = f" since {wanted['start_date']}" if "start_date" in wanted else ""
        say(
            f"  {account['name']:14} {account['timezone']:18} {plan['name']}{since}: {made['latest_invoice']['number']}"
        )
    return accounts


def wait_until_settled(client: Client, accounts: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """Until the worker has charged everything; progress every second."""
    started = time.monotonic()
    while True:
        payments = [each for account in accounts for each in client.every(f"/v1/payments?account_id={account}")]
        open_ = sum(payment["status"] == "PENDING" for payment in payments)
        waited = time.monotonic() - started
        if not open_:
            say(f"  {len(payments)} charges settled by the worker after {waited:.1f} s")
            break
        if waited > PATIENCE_SECONDS:
            raise DemoFailed(f"{open_} charges are still pending after {PATIENCE_SECONDS} s: look at logs/worker.log")
        say(f"  waiting for the worker: {open_} of {len(payments)} charges are pending")
        time.sleep(1)
    invoices = [each for account in accounts for each in client.every(f"/v1/invoices?account_id={account}")]
    return invoices, payments


def show(client: Client, accounts: Mapping[str, Any], invoices: list[Any], payments: list[Any]) -> None:
    """Invoices with their payments, and the ledger."""
    by_invoice = {payment["invoice_id"]: payment for payment in sorted(payments, key=lambda each: each["id"])}
    say(f"\n{'Invoice':17}{'Customer':15}{'Period':25}{'Net':>14}{'Tax':>12}{'Total':>14}{'Open':>12}  Status  Payment")
    for invoice in sorted(invoices, key=lambda each: each["number"]):
        account, payment = accounts[invoice["account_id"]], by_invoice.get(invoice["id"])
        came = f"{payment['status'].lower()} {payment['failure_code'] or ''}" if payment else "none"
        figures = [money(invoice[name], invoice["currency"]) for name in ("subtotal", "tax", "total", "balance")]
        say(
            f"{invoice['number']:17}{account['name']:15}{period(invoice, account):25}{figures[0]:>14}{figures[1]:>12}"
            f"{figures[2]:>14}{figures[3]:>12}  {invoice['status']:7} {came}"
        )
    say(f"\n{'Ledger':22}{'Currency':10}{'Debit':>16}{'Credit':>16}{'Balance':>16}")
    for row in client.call("GET", "/v1/ledger/trial-balance")["data"]:
        figures = [money(row[name], row["currency"]) for name in ("debit", "credit", "balance")]
        say(f"{row['ledger_account']:22}{row['currency']:10}{figures[0]:>16}{figures[1]:>16}{figures[2]:>16}")


def look_further(client: Client, invoices: list[Any]) -> str:
    """Where a newcomer goes from here."""
    late = max(invoices, key=lambda each: each["number"])
    return "\n".join([
        "\nLook further:",
        f"  export KEY={client.key}",
        f"  curl -s -H \"Authorization: Bearer $KEY\" {client.url}/v1/invoices/{late['id']}",
        f"  curl -s -H \"Authorization: Bearer $KEY\" '{client.url}/v1/payments?status=FAILED'",
        f"  curl -s -H \"Authorization: Bearer $KEY\" {client.url}/v1/ledger/trial-balance",
        f"  curl -s -H \"Authorization: Bearer $KEY\" {client.url}/v1/events",
        f"  {client.url}/docs: the API, to read and try",
        f"  {client.url}/admin/: the back office; make a user with `manage.py createsuperuser`",
    ])  # fmt: skip


def period(invoice: Mapping[str, Any], account: Mapping[str, Any]) -> str:
    """First and last day of the first line, in the customer's time zone."""
    line, zone = invoice["lines"][0], ZoneInfo(account["timezone"])
    start, end = (datetime.fromisoformat(line[name]).astimezone(zone) for name in ("period_start", "period_end"))
    return f"{start:%d %b} - {end - timedelta(days=1):%d %b %Y}"


def money(amount: int, currency: str) -> str:
    """Minor units as people read them."""
    return f"{Money(amount, currency).major():,f} {currency}"


def make_key() -> str:
    """A key made the way operators make theirs."""
    made = manage("create_api_key", "--role", "super_admin", "--name", "demo", "--rate-limit", "0")
    if made.returncode:
        raise DemoFailed(made.stderr)
    return made.stdout.strip()


def manage(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(CHECKOUT / "manage.py"), *arguments], capture_output=True, text=True, check=False
    )


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
