"""Milliseconds a document: `python -m tests.performance.bench_pdf`. No database: a German invoice of 10 and 30 lines.

The baseline, measured in the same run, is an empty page from the same typesetter, warm. The last line is JSON.
"""

import json
import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

from apps.invoices.document_press import press
from apps.invoices.document_words import words
from tests.performance.empty_page import empty

RUNS = 40


def main() -> None:
    """Print the figures."""
    made = {count: _timed(lambda number, count=count: _invoice(count, number)) for count in (10, 30)}
    base = _timed(lambda number: empty(number))
    figures = {f"{count}_lines_ms": round(each, 2) for count, each in made.items()}
    ratios = {f"{count}_lines_to_empty": round(each / base, 1) for count, each in made.items()}
    print(json.dumps({"benchmark": "pdf", "empty_ms": round(base, 3), **figures, **ratios}))


def _timed(make: Callable[[int], Any]) -> float:
    make(-1)
    times = []
    for number in range(RUNS):
        began = time.perf_counter()
        make(number)
        times.append((time.perf_counter() - began) * 1000)
    return median(times)


def _invoice(count: int, number: int) -> bytes:
    said = words("de")
    row = {"description": f"Pro {number}", "period": "1.-30. Apr. 2026", "figures": ["1", "49,00", "19 %", "49,00"]}
    data = {
        "words": said, "lang": "de", "title": f"Rechnung {number}", "number": f"INV-2026-{number}",
        "facts": [["Rechnungsdatum", "1. April 2026"]], "state": f"{number},00 EUR", "state_note": None,
        "seller": {
            "name": "Nordlicht Software GmbH", "lines": ["Hafenstrasse 12", "20457 Hamburg"], "foot": ["HRB 123456"],
            "brand_color": "#1f3a5f", "accent_color": "#5b6b7f", "logo": None, "logo_format": None,
        },
        "bill_to": {"name": "Kunde", "lines": ["Hauptstrasse 1", "10115 Berlin"]}, "discounted": False,
        "heads": ["Beschreibung", "Menge", "Einzelpreis", "Steuer", "Betrag (EUR)"], "lines": [row] * count,
        "sums": [["Gesamtbetrag", "1,00", "strong"]], "notes": [], "bank": [], "changes": None,
        "taxes": [{"place": "Deutschland", "reason": None, "figures": ["19 %", "1", "2"]}],
    }  # fmt: skip
    return press("invoice.typ", data, day=date(2026, 4, 1))


if __name__ == "__main__":
    main()
