"""What came of it: figures that are the same at every run, and where to look further."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from billing_project.demo.client import Client
from billing_project.demo.company import commanded
from billing_project.demo.words import money, say

ROLES = ("super_admin", "billing_admin", "support_rep", "finance_viewer")
PDFS = 12


def show(client: Client, used: Mapping[str, int]) -> None:
    """Invoices, payments, credits, tax, ledger and usage; no id, no number, no instant."""
    invoices, payments = list(client.every("/v1/invoices")), list(client.every("/v1/payments"))
    table("Invoices", invoices, lambda each: each["status"], "total")
    table("Still owed", [each for each in invoices if each["balance"]], lambda each: each["status"], "balance")
    table("Payments", payments, lambda each: f"{each['status']} {each['failure_code'] or ''}".strip(), "amount")
    table("Credits left", list(client.every("/v1/credits")), lambda each: each["source"], "remaining")
    taxed = [dict(part, currency=each["currency"]) for each in invoices for part in each["tax_breakdown"]]
    table("Tax", taxed, lambda each: f"{each['jurisdiction']} {each['name'] or ''} {each['rate']}", "amount")
    say(f"\n{'Ledger':26}{'Debit':>24}{'Credit':>24}{'Balance':>24}")
    for row in client.call("GET", "/v1/ledger/trial-balance")["data"]:
        figures = [money(row[name], row["currency"]) for name in ("debit", "credit", "balance")]
        say(f"{row['ledger_account']:26}" + "".join(f"{figure:>24}" for figure in figures))
    announced = sum(1 for _ in client.every("/v1/events?event_type=usage.threshold_reached"))
    say(f"\n{usage(used, invoices, announced)}")
    say(f"\n{runs(list(client.every('/v1/billing-runs')))}")


def usage(used: Mapping[str, int], invoices: Iterable[Any], announced: int) -> str:
    """How many events were sent, how many are on invoices (they are counted, so a quantity is a number of events)."""
    lines = [line for each in invoices if each["status"] != "VOID" for line in each["lines"] if line["kind"] == "usage"]
    billed = sum(int(line["quantity"]) for line in lines)
    return (
        f"{used['stored']:,} usage events stored, {used['refused']:,} refused after an end; {billed:,} billed on"
        f" {len(lines):,} lines; {announced:,} thresholds announced"
    )


def runs(made: Sequence[Any]) -> str:
    """How many runs there were, how many subscriptions they could not bill, and their speed."""
    ended = [each for each in made if each["finished_at"]]
    invoices, failed = sum(each["invoices"] for each in ended), sum(each["failed"] for each in ended)
    seconds = sum((instant(each["finished_at"]) - instant(each["created_at"])).total_seconds() for each in ended)
    speed = f", {invoices / seconds:.1f} invoices a second while they ran" if seconds else ""
    return f"{len(ended)} billing runs made {invoices} invoices; {failed} subscriptions could not be billed{speed}"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def table(name: str, rows: Iterable[Any], kind: Callable[[Any], str], amount: str) -> None:
    """How many and how much, by kind and currency."""
    count: Counter[tuple[str, str]] = Counter()
    total: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        key = kind(row), row["currency"]
        count[key] += 1
        total[key] += row[amount]
    say(f"\n{name:40}{'Number':>8}{'Amount':>24}")
    for key in sorted(count):
        say(f"  {key[0]:38}{count[key]:>8}{money(total[key], key[1]):>24}")


def documents(client: Client, folder: Path) -> int:
    """Some invoices as PDF, from first to last."""
    folder.mkdir(parents=True, exist_ok=True)
    invoices = sorted(client.every("/v1/invoices"), key=lambda each: each["number"])
    chosen = invoices[:: max(1, len(invoices) // PDFS)]
    for invoice in chosen:
        (folder / f"{invoice['number']}.pdf").write_bytes(client.call("GET", f"/v1/invoices/{invoice['id']}/pdf"))
    return len(chosen)


def look_further(client: Client) -> str:
    """Where a newcomer goes from here."""
    late = client.call("GET", "/v1/invoices?limit=1")["data"][0]
    staff = []
    for role in ROLES:
        email = f"{role.replace('_', '.')}@northwind.example"
        staff.append(f"    {role:15} {email:36} {commanded('create_staff', email, '--role', role).strip()}")
    return "\n".join([
        "\nLook further:",
        f"  {client.url}/admin/: the back office; sign in as",
        *staff,
        f"  {client.url}/docs: the API, to read and try",
        f"  export KEY={client.key}",
        f"  curl -s -H \"Authorization: Bearer $KEY\" {client.url}/v1/invoices/{late['id']}",
        f"  curl -s -H \"Authorization: Bearer $KEY\" '{client.url}/v1/payments?status=FAILED'",
    ])  # fmt: skip
