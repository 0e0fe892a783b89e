"""The hash of what a preview shows: the same amounts, the same hash; anything else that could be billed, another."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from apps.invoices.objects import InvoiceObject, LineObject
from apps.invoices.rules import LineKind

LENGTH = 32
ESTIMATED = {LineKind.USAGE, LineKind.MINIMUM}


def fingerprint(version: int | None, local_date: date, invoices: Sequence[InvoiceObject]) -> str:
    """`p-` and a digest of the object's version, the local day, and every amount with what it is for.

    Ids, numbers, instants and due dates are left out: the same change made a minute later has others.
    """
    told = {
        "version": version,
        "date": local_date.isoformat(),
        "invoices": [told for invoice in invoices if (told := _invoice(invoice))],
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return f"p-{hashlib.sha256(text.encode()).hexdigest()[:LENGTH]}"


def fingerprint_of_usage(invoices: Sequence[InvoiceObject]) -> str:
    """The same of closed periods, whose usage does not go on: every line and total, on whatever day."""
    told = [
        {"currency": each.currency, "lines": [_line(line) for line in each.lines], "total": each.total}
        for each in invoices
    ]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return f"p-{hashlib.sha256(text.encode()).hexdigest()[:LENGTH]}"


def _invoice(invoice: InvoiceObject) -> dict[str, Any]:
    """Usage goes on while somebody looks: its lines are an estimate, and so are sums that hold them."""
    if any(line.kind in ESTIMATED for line in invoice.lines):
        known = [line for line in invoice.lines if line.kind not in {*ESTIMATED, LineKind.CREDIT_TO_BALANCE}]
        return {"currency": invoice.currency, "lines": [_line(line) for line in known]} if known else {}
    told: dict[str, Any] = {"currency": invoice.currency, "lines": [_line(line) for line in invoice.lines]}
    return told | {"total": invoice.total, "credits": invoice.credits_applied, "to_pay": invoice.balance}


def _line(line: LineObject) -> list[Any]:
    """Periods by their instants: of a preview and its commit on one day they are the same local midnights."""
    return [
        line.kind.value,
        line.period_start.isoformat() if line.period_start else None,
        line.period_end.isoformat() if line.period_end else None,
        str(line.quantity),
        None if line.unit_amount is None else str(line.unit_amount),
        line.amount,
        line.discount_amount,
        line.tax_amount,
    ]
