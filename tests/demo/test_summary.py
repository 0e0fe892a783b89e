"""Figures as the demo prints them."""

import pytest

from billing_project.demo.summary import runs, table, usage


def test_a_table_counts_and_sums_by_kind_and_currency(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"status": "PAID", "currency": "EUR", "total": 1190},
        {"status": "PAID", "currency": "EUR", "total": 99810},
        {"status": "PAID", "currency": "JPY", "total": 1500},
        {"status": "OPEN", "currency": "EUR", "total": 5},
    ]
    table("Invoices", rows, lambda each: each["status"], "total")
    words = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert words == [
        ["Invoices", "Number", "Amount"],
        ["OPEN", "1", "0.05", "EUR"],
        ["PAID", "2", "1,010.00", "EUR"],
        ["PAID", "1", "1,500", "JPY"],
    ]


def test_runs_are_counted_with_what_they_made_and_their_speed() -> None:
    def run(start: str, end: str | None, invoices: int, failed: int) -> dict[str, object]:
        return {"created_at": start, "finished_at": end, "invoices": invoices, "failed": failed}

    made = [
        run("2026-01-01T00:00:00Z", "2026-01-01T00:00:02.500000Z", 40, 0),
        run("2026-01-01T01:00:00Z", "2026-01-01T01:00:01.500000Z", 10, 2),
        run("2026-01-01T02:00:00Z", None, 7, 1),
    ]
    assert runs(made) == (
        "2 billing runs made 50 invoices; 2 subscriptions could not be billed, 12.5 invoices a second while they ran"
    )


def test_no_run_has_no_speed() -> None:
    assert runs([]) == "0 billing runs made 0 invoices; 0 subscriptions could not be billed"


def test_usage_is_what_stands_on_invoices() -> None:
    line = {"kind": "usage", "quantity": "310"}
    invoices = [
        {"status": "PAID", "lines": [line, {"kind": "recurring", "quantity": "5"}]},
        {"status": "OPEN", "lines": [{"kind": "usage", "quantity": "1200"}]},
        {"status": "VOID", "lines": [line]},
    ]
    assert usage({"stored": 4000, "refused": 7}, invoices, 12) == (
        "4,000 usage events stored, 7 refused after an end; 1,510 billed on 2 lines; 12 thresholds announced"
    )
