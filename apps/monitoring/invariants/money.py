"""The books tie out with the rows: what was billed, paid, credited and is open."""

from collections.abc import Sequence

from apps.monitoring.invariants.invariant import Invariant


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

MONEY: Sequence[Invariant] = (
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
        "Gateway clearing is the sum of payments that succeeded, less what was refunded or taken back.",
        _tie(
            "gateway_clearing",
            1,
            "SELECT currency, amount - amount_refunded - amount_charged_back AS amount FROM payments_payment"
            " WHERE status = 'SUCCEEDED' AND method NOT IN ('bank_transfer', 'check', 'cash')",
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
        "What a payment, or what came back of one, was too much is a credit of that amount.",
        """
        SELECT format('payment %%s: %%s too much, credit %%s', settlement.source_id, settlement.excess, given.amount)
        FROM (SELECT * FROM invoices_settlement WHERE excess > 0
              AND kind IN ('payment', 'chargeback_reversal')) AS settlement
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
        "refunds_tie",
        "What a payment says was refunded is the sum of its refunds that did not fail; what failed is a credit.",
        """
        SELECT format('payment %%s: %%s refunded, refunds of %%s',
                      payment.id, payment.amount_refunded, sum(back.amount))
        FROM payments_payment AS payment
        LEFT JOIN payments_refund AS back ON back.payment_id = payment.id AND back.status <> 'FAILED'
        GROUP BY payment.id HAVING coalesce(sum(back.amount), 0) <> payment.amount_refunded
        UNION ALL
        SELECT format('refund %%s of %%s failed, credit %%s', back.id, back.amount, given.amount)
        FROM (SELECT * FROM payments_refund WHERE status = 'FAILED') AS back
        FULL JOIN (SELECT * FROM credits_grant WHERE source = 'refund') AS given ON given.source_id = back.id
        WHERE back.amount IS DISTINCT FROM given.amount
        """,
    ),
    Invariant(
        "chargebacks_tie",
        "What a payment says was charged back is what its disputes hold in the books, never more than banks withdrew.",
        """
        SELECT format('payment %%s: %%s charged back, disputes hold %%s', payment.id, payment.amount_charged_back,
                      sum(taken.amount))
        FROM payments_payment AS payment
        LEFT JOIN payments_dispute AS dispute ON dispute.payment_id = payment.id
        LEFT JOIN payments_chargeback AS taken ON taken.dispute_id = dispute.id AND taken.reversed_at IS NULL
        GROUP BY payment.id HAVING coalesce(sum(taken.amount), 0) <> payment.amount_charged_back
        UNION ALL
        SELECT format('dispute %%s holds %%s of %%s', dispute.id, sum(taken.amount), dispute.withdrawn)
        FROM payments_dispute AS dispute
        JOIN payments_chargeback AS taken ON taken.dispute_id = dispute.id AND taken.reversed_at IS NULL
        GROUP BY dispute.id HAVING sum(taken.amount) > dispute.withdrawn
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
)
