"""What must hold in the whole database, whatever happened: each as one query that returns what breaks it.

Scenarios end with them, the demo prints them, and production runs `manage.py invariants`. The database's constraints
make most faults impossible to store; these find what a constraint cannot see, across tables.
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
           invoice.total - coalesce((SELECT sum(settlement.amount) FROM invoices_settlement AS settlement
                                     WHERE settlement.invoice_id = invoice.id), 0) AS amount
    FROM invoices_invoice AS invoice WHERE invoice.status IN ('OPEN', 'PAID')
"""

INVARIANTS: Sequence[Invariant] = (
    Invariant(
        "books_balance",
        "Debits equal credits in every currency.",
        """
        SELECT format('%%s is off by %%s', currency, sum(amount)) FROM ledger_posting
        GROUP BY currency HAVING sum(amount) <> 0
        """,
    ),
    Invariant(
        "receivable_ties",
        "Receivable is the sum of the balances of invoices.",
        _tie("receivable", 1, _BALANCES),
    ),
    Invariant(
        "tax_payable_ties",
        "Tax payable is the sum of the tax on invoices that stand, less that of their credit notes.",
        _tie(
            "tax_payable",
            -1,
            """SELECT currency, tax AS amount FROM invoices_invoice WHERE status IN ('OPEN', 'PAID') UNION ALL
               SELECT currency, -tax FROM invoices_creditnote""",
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
        "Customer credit is the sum of what remains of all credits.",
        _tie(
            "customer_credit",
            -1,
            """SELECT currency, amount FROM credits_grant UNION ALL
               SELECT given.currency, -used.amount FROM credits_use AS used
               JOIN credits_grant AS given ON given.id = used.grant_id""",
        ),
    ),
    Invariant(
        "credits_are_not_overdrawn",
        "The uses of a credit come to its amount at most.",
        """
        SELECT format('credit %%s of %%s: used %%s', given.id, given.amount, sum(used.amount))
        FROM credits_grant AS given JOIN credits_use AS used ON used.grant_id = given.id
        GROUP BY given.id HAVING sum(used.amount) > given.amount
        """,
    ),
    Invariant(
        "credits_pay_what_they_say",
        "What credit took off an invoice, or gave back, is a use of its account's credit, and vice versa.",
        """
        SELECT format('settlement %%s, use %%s', settlement.id, used.id)
        FROM (SELECT * FROM invoices_settlement AS each
              WHERE kind IN ('credit', 'credit_return') AND NOT EXISTS (
                  SELECT FROM credits_grant WHERE source = 'return' AND source_id = each.source_id
              )) AS settlement
        FULL JOIN (SELECT * FROM credits_use WHERE kind IN ('invoice', 'return')) AS used
            ON used.id = settlement.source_id
        LEFT JOIN credits_grant AS given ON given.id = used.grant_id
        LEFT JOIN invoices_invoice AS invoice ON invoice.id = settlement.invoice_id
        WHERE (settlement.invoice_id, settlement.amount, invoice.account_id, invoice.currency)
              IS DISTINCT FROM (used.invoice_id, used.amount, given.account_id, given.currency)
        """,
    ),
    Invariant(
        "overpayments_are_credits",
        "What a payment was too much is a credit of that amount.",
        """
        SELECT format('payment %%s: %%s too much, credit %%s', settlement.source_id, settlement.excess, given.amount)
        FROM (SELECT * FROM invoices_settlement WHERE excess > 0 AND kind = 'payment') AS settlement
        FULL JOIN (SELECT * FROM credits_grant WHERE source = 'overpayment') AS given
            ON given.source_id = settlement.source_id
        WHERE settlement.excess IS DISTINCT FROM given.amount
        """,
    ),
    Invariant(
        "returns_are_credits",
        "What a void invoice gave back, of payments or of credit that has expired, is a credit of that amount.",
        """
        SELECT format('settlement %%s of %%s, credit of %%s', settlement.id, settlement.amount, given.amount)
        FROM (SELECT * FROM credits_grant WHERE source IN ('void', 'return')) AS given
        FULL JOIN (SELECT * FROM invoices_settlement WHERE kind = 'payment_return') AS paid
            ON paid.source_id = given.source_id
        LEFT JOIN invoices_settlement AS settlement
            ON settlement.source_id = coalesce(given.source_id, paid.source_id)
               AND settlement.kind IN ('payment_return', 'credit_return')
        WHERE -settlement.amount IS DISTINCT FROM given.amount
        """,
    ),
    Invariant(
        "credit_notes_add_up",
        "A credit note is the sum of its lines, came off its invoice or became credit; no line is credited too far.",
        """
        SELECT format('credit note %%s', note.number)
        FROM invoices_creditnote AS note
        JOIN LATERAL (
            SELECT sum(amount) AS net, sum(tax_amount) AS tax
            FROM invoices_creditnoteline WHERE credit_note_id = note.id
        ) AS lines ON true
        LEFT JOIN invoices_settlement AS settlement
            ON settlement.kind = 'credit_note' AND settlement.source_id = note.id
        LEFT JOIN credits_grant AS given ON given.source = 'credit_note' AND given.source_id = note.id
        WHERE (lines.net, lines.tax, settlement.amount, settlement.excess, coalesce(given.amount, 0))
              IS DISTINCT FROM (note.subtotal, note.tax, note.settled, note.credited, note.credited)
        UNION ALL
        SELECT format('line %%s of %%s is credited %%s', line.id, line.amount - line.discount_amount, sum(part.amount))
        FROM invoices_creditnoteline AS part JOIN invoices_line AS line ON line.id = part.line_id
        GROUP BY line.id HAVING sum(part.amount) > line.amount - line.discount_amount
        """,
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
        SELECT format('payment %%s of %%s: settled %%s',
                      payment.id, payment.amount, sum(settlement.amount + settlement.excess))
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
        SELECT format('series %%s stands at %%s with %%s documents', series.series, series.last, count(document.number))
        FROM invoices_numberseries AS series
        LEFT JOIN (SELECT number FROM invoices_invoice UNION ALL SELECT number FROM invoices_creditnote) AS document
            ON starts_with(document.number, series.series || '-')
        GROUP BY series.series, series.last HAVING count(document.number) <> series.last
        """,
    ),
    Invariant(
        "days_have_no_gap",
        "Every day from the first paid one up to the last billed one lies in exactly one billed or waived period.",
        """
        SELECT format('subscription %%s: %%s days billed in [%%s, %%s) instead of [%%s, %%s)',
                      subscription.id, days.billed, days.starts, days.ends, days.first, subscription.billed_to)
        FROM subscriptions_subscription AS subscription
        JOIN LATERAL (
            SELECT coalesce(sum(upper(period.days) - lower(period.days)), 0) AS billed,
                   coalesce(subscription.trial_end_date, subscription.start_date) AS first,
                   min(lower(period.days)) AS starts, max(upper(period.days)) AS ends
            FROM subscriptions_billedperiod AS period
            WHERE period.subscription_id = subscription.id AND period.component = 'recurring'
                  AND period.released_by IS NULL
        ) AS days ON true
        WHERE days.billed <> subscription.billed_to - days.first
           OR days.starts < days.first OR days.ends > subscription.billed_to
        """,
    ),
    Invariant(
        "billed_days_have_their_line",
        "Every billed period that names a line has it, or it waits for its invoice: for no other days.",
        """
        SELECT format('period %%s of days %%s names line %%s of days %%s',
                      period.id, period.days, period.line_id, line.service_days)
        FROM subscriptions_billedperiod AS period
        LEFT JOIN invoices_line AS line ON line.id = period.line_id AND line.subscription_id = period.subscription_id
        WHERE period.line_id IS NOT NULL AND (line.id IS NULL OR NOT period.days <@ line.service_days)
          AND NOT EXISTS (SELECT FROM invoices_pendingitem WHERE id = period.line_id AND invoice_id IS NULL)
        """,
    ),
    Invariant(
        "recurring_lines_bill_days",
        "Every line of an invoice that stands and charges days has them recorded.",
        """
        SELECT format('line %%s of invoice %%s bills %%s', line.id, invoice.number, line.service_days)
        FROM invoices_line AS line
        JOIN invoices_invoice AS invoice ON invoice.id = line.invoice_id AND invoice.status IN ('OPEN', 'PAID')
        WHERE line.kind IN ('recurring', 'proration_charge')
          AND line.subscription_id IN (SELECT id FROM subscriptions_subscription)
          AND NOT EXISTS (SELECT FROM subscriptions_billedperiod AS period WHERE period.line_id = line.id)
        """,
    ),
    Invariant(
        "credits_release_days",
        "Every credit of unused days has released days of the line that it reverses, and no day beyond its own.",
        """
        SELECT format('line %%s credits %%s of line %%s', line.id, line.service_days, line.source ->> 'reverses')
        FROM invoices_line AS line
        JOIN invoices_invoice AS invoice ON invoice.id = line.invoice_id AND invoice.status IN ('OPEN', 'PAID')
        WHERE line.kind = 'proration_credit' AND line.source ? 'reverses'
          AND line.subscription_id IN (SELECT id FROM subscriptions_subscription)
          AND NOT EXISTS (
              SELECT FROM subscriptions_billedperiod AS period
              WHERE period.released_by IN (line.id, (line.source ->> 'change')::uuid)
                    AND period.line_id::text = line.source ->> 'reverses'
                    AND line.service_days <@ period.days
          )
        """,
    ),
    Invariant(
        "credits_stay_within_charges",
        "What credits take back of a line is at most what it charged (gross where tax is inside the price).",
        """
        SELECT format('line %%s charged %%s, credited %%s', line.id, line.amount, sum(credit.amount))
        FROM invoices_line AS credit
        JOIN invoices_invoice AS invoice ON invoice.id = credit.invoice_id AND invoice.status IN ('OPEN', 'PAID')
        JOIN invoices_line AS line ON line.id = (credit.source ->> 'reverses')::uuid
        WHERE credit.kind = 'proration_credit'
        GROUP BY line.id
        HAVING CASE WHEN line.tax_behavior = 'inclusive'
                    THEN line.amount + line.tax_amount + sum(credit.amount + credit.tax_amount)
                    ELSE line.amount + sum(credit.amount) END < 0
        """,
    ),
    Invariant(
        "invoices_add_up",
        "An invoice's subtotal, discount and tax are the sums of its lines, and of its taxes.",
        """
        SELECT format('%%s says %%s - %%s + %%s, its rows %%s - %%s + %%s (taxes %%s)',
                      coalesce(invoice.number, invoice.id::text), invoice.subtotal, invoice.discount, invoice.tax,
                      lines.subtotal, lines.discount, lines.tax, taxes.amount)
        FROM invoices_invoice AS invoice
        JOIN LATERAL (
            SELECT coalesce(sum(amount), 0) AS subtotal, coalesce(sum(discount_amount), 0) AS discount,
                   coalesce(sum(tax_amount), 0) AS tax
            FROM invoices_line WHERE invoice_id = invoice.id
        ) AS lines ON true
        JOIN LATERAL (
            SELECT coalesce(sum(amount), 0) AS amount FROM invoices_taxline WHERE invoice_id = invoice.id
        ) AS taxes ON true
        WHERE invoice.status <> 'DRAFT' AND (invoice.subtotal, invoice.discount, invoice.tax, invoice.tax)
              IS DISTINCT FROM (lines.subtotal, lines.discount, lines.tax, taxes.amount)
        """,
    ),
    Invariant(
        "entries_balance",
        "Debits equal credits in every entry, and no posting lacks its entry.",
        """
        SELECT format('entry %%s is off by %%s %%s', posting.entry_id, sum(posting.amount), posting.currency)
        FROM ledger_posting AS posting LEFT JOIN ledger_entry AS entry ON entry.id = posting.entry_id
        GROUP BY posting.entry_id, posting.currency, entry.currency
        HAVING sum(posting.amount) <> 0 OR entry.currency IS DISTINCT FROM posting.currency
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
