"""What must hold in the whole database, whatever happened: each as one query that returns what breaks it.

Scenarios end with them, the demo prints them, and production runs `manage.py invariants`. The database's constraints make
most faults impossible to store; these find what a constraint cannot see, across tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Invariant:
    """`faults` is SQL that selects one text per fault, none when all is well. `says` is the invariant in a sentence."""

    name: str
    says: str
    faults: str


@dataclass(frozen=True)
class Broken:
    """An invariant with what breaks it, at most twenty."""

    invariant: Invariant
    faults: tuple[str, ...]


def _tie(account: str, sign: int, rows: str) -> str:
    """Compare a ledger account with rows of (currency, amount), per currency."""
    return f"""
        SELECT format('%%s: ledger %%s, rows %%s', currency, sum(books), sum(facts))
        FROM (
            SELECT currency, {sign} * amount AS books, 0 AS facts FROM ledger_posting WHERE ledger_account = '{account}'
            UNION ALL
            SELECT currency, 0, amount FROM ({rows}) AS facts
        ) AS both_sides
        GROUP BY currency HAVING sum(books) <> sum(facts)
    """  # noqa: S608 - made of constants of this file


_BALANCES = """
    SELECT invoice.id, invoice.number, invoice.currency, invoice.status,
           invoice.total - coalesce((SELECT sum(amount) FROM invoices_settlement WHERE invoice_id = invoice.id), 0) AS amount
    FROM invoices_invoice AS invoice WHERE invoice.status IN ('OPEN', 'PAID')
"""

INVARIANTS: Sequence[Invariant] = (
    Invariant(
        "books_balance",
        "Debits equal credits in every currency.",
        "SELECT format('%%s is off by %%s', currency, sum(amount)) FROM ledger_posting GROUP BY currency HAVING sum(amount) <> 0",
    ),
    Invariant(
        "receivable_ties",
        "Receivable is the sum of the balances of invoices.",
        _tie("receivable", 1, _BALANCES),
    ),
    Invariant(
        "tax_payable_ties",
        "Tax payable is the sum of the tax on invoices that stand.",
        _tie(
            "tax_payable",
            -1,
            "SELECT currency, tax AS amount FROM invoices_invoice WHERE status IN ('OPEN', 'PAID')",
        ),
    ),
    Invariant(
        "clearing_ties",
        "Gateway clearing is the sum of payments that succeeded, less what was refunded.",
        _tie(
            "gateway_clearing",
            1,
            "SELECT currency, amount - amount_refunded AS amount FROM payments_payment WHERE status = 'SUCCEEDED'",
        ),
    ),
    Invariant(
        "customer_credit_ties",
        "Customer credit is what customers paid beyond their invoices.",
        _tie(
            "customer_credit",
            -1,
            """SELECT invoice.currency, settlement.excess AS amount FROM invoices_settlement AS settlement
               JOIN invoices_invoice AS invoice ON invoice.id = settlement.invoice_id""",
        ),
    ),
    Invariant(
        "paid_means_paid",
        "An invoice is PAID exactly when nothing is left of it.",
        f"SELECT format('%%s is %%s with %%s left', number, status, amount) FROM ({_BALANCES}) AS balances"  # noqa: S608
        " WHERE (status = 'PAID') <> (amount = 0)",
    ),
    Invariant(
        "payments_are_settled_once",
        "A payment that succeeded came off its invoice exactly once, with its whole amount.",
        """
        SELECT format('payment %%s of %%s: settled %%s', payment.id, payment.amount, sum(settlement.amount + settlement.excess))
        FROM payments_payment AS payment
        LEFT JOIN invoices_settlement AS settlement ON settlement.kind = 'payment' AND settlement.source_id = payment.id
        WHERE payment.status = 'SUCCEEDED'
        GROUP BY payment.id HAVING coalesce(sum(settlement.amount + settlement.excess), 0) <> payment.amount
        """,
    ),
    Invariant(
        "numbers_have_no_gap",
        "A number series holds every number from 1 to its last.",
        """
        SELECT format('series %%s stands at %%s with %%s invoices', series.series, series.last, count(invoice.id))
        FROM invoices_numberseries AS series
        LEFT JOIN invoices_invoice AS invoice ON starts_with(invoice.number, series.series || '-')
        GROUP BY series.series, series.last HAVING count(invoice.id) <> series.last
        """,
    ),
    Invariant(
        "days_have_no_gap",
        "Every day from the first paid one up to the last billed one lies in exactly one billed or waived period.",
        """
        SELECT format('subscription %%s: billed %%s of %%s days', subscription.id, days.billed, subscription.billed_to - days.first)
        FROM subscriptions_subscription AS subscription
        JOIN LATERAL (
            SELECT coalesce(sum(upper(period.days) - lower(period.days)), 0) AS billed,
                   coalesce(subscription.trial_end_date, subscription.start_date) AS first
            FROM subscriptions_billedperiod AS period
            WHERE period.subscription_id = subscription.id AND period.component = 'recurring' AND period.released_by IS NULL
        ) AS days ON true
        WHERE days.billed <> subscription.billed_to - days.first
        """,
    ),
    Invariant(
        "billed_days_have_their_line",
        "Every billed period that names a line has it, on the same subscription.",
        """
        SELECT format('period %%s names line %%s', period.id, period.line_id)
        FROM subscriptions_billedperiod AS period
        LEFT JOIN invoices_line AS line ON line.id = period.line_id AND line.subscription_id = period.subscription_id
        WHERE period.line_id IS NOT NULL AND line.id IS NULL
        """,
    ),
    Invariant(
        "positions_have_no_gap",
        "Positions of events count from 1 without a gap.",
        """
        SELECT format('%%s positions up to %%s', count(position), max(position))
        FROM events_event HAVING count(position) <> coalesce(max(position), 0)
        """,
    ),
)


def broken() -> list[Broken]:
    """The invariants that do not hold now, in one snapshot each; empty when all is well."""
    found: list[Broken] = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(f"SELECT * FROM ({invariant.faults}) AS faults LIMIT 20", [])  # noqa: S608
            if faults := tuple(str(row[0]) for row in cursor.fetchall()):
                found.append(Broken(invariant, faults))
    return found
