"""The hash of what a preview shows: the same amounts, the same hash; anything else that could be billed, another."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from apps.invoices.objects import InvoiceObject, LineObject

LENGTH = 32


def fingerprint(version: int | None, local_date: date, invoices: Sequence[InvoiceObject]) -> str:
    """`p-` and a digest of the object's version, the local day, and every amount with what it is for.

    Ids, numbers, instants and due dates are left out: the same change made a minute later has others.
    """
    told = {
        "version": version,
        "date": local_date.isoformat(),
        "invoices": [_invoice(invoice) for invoice in invoices],
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return f"p-{hashlib.sha256(text.encode()).hexdigest()[:LENGTH]}"


def _invoice(invoice: InvoiceObject) -> dict[str, Any]:
    return {
        "currency": invoice.currency,
        "lines": [_line(line) for line in invoice.lines],
        "total": invoice.total,
        "credits": invoice.credits_applied,
        "to_pay": invoice.balance,
    }


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
