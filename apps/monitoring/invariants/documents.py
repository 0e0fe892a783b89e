"""Documents add up, numbers and days have no gap, and no day is billed or credited twice."""

from collections.abc import Sequence

from apps.monitoring.invariants.invariant import Invariant

DOCUMENTS: Sequence[Invariant] = (
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
        "charged_days_are_not_taken_back",
        "A void invoice has taken no days from a line of another invoice that still charges for them.",
        """
        WITH taken AS MATERIALIZED (
            SELECT period.line_id, period.days, voided.number AS by, invoice.number AS of
            FROM subscriptions_billedperiod AS period
            JOIN invoices_invoice AS voided ON voided.id = period.released_by
            JOIN invoices_line AS line ON line.id = period.line_id
            JOIN invoices_invoice AS invoice ON invoice.id = line.invoice_id AND invoice.status IN ('OPEN', 'PAID')
        ), standing AS MATERIALIZED (
            SELECT same.line_id, range_agg(same.days) AS days
            FROM subscriptions_billedperiod AS same
            LEFT JOIN invoices_invoice AS voided ON voided.id = same.released_by
            WHERE same.line_id IN (SELECT line_id FROM taken) AND voided.id IS NULL
            GROUP BY same.line_id
        )
        SELECT format('line %%s of invoice %%s charges %%s, taken back by the void invoice %%s',
                      taken.line_id, taken.of, taken.days, taken.by)
        FROM taken LEFT JOIN standing USING (line_id)
        WHERE NOT taken.days <@ coalesce(standing.days, '{}')
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
        WITH credited AS MATERIALIZED (
            SELECT (credit.source ->> 'reverses')::uuid AS line_id, sum(credit.amount) AS net,
                   sum(credit.amount + credit.tax_amount) AS gross
            FROM invoices_line AS credit
            JOIN invoices_invoice AS invoice ON invoice.id = credit.invoice_id AND invoice.status IN ('OPEN', 'PAID')
            WHERE credit.kind = 'proration_credit'
            GROUP BY 1
        )
        SELECT format('line %%s charged %%s, credited %%s', line.id, line.amount, credited.net)
        FROM credited JOIN invoices_line AS line ON line.id = credited.line_id
        WHERE CASE WHEN line.tax_behavior = 'inclusive'
                   THEN line.amount + line.tax_amount + credited.gross
                   ELSE line.amount + credited.net END < 0
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
        "positions_have_no_gap",
        "Positions of events count from 1 without a gap.",
        """
        SELECT format('%%s positions up to %%s', count(position), max(position))
        FROM events_event HAVING count(position) <> coalesce(max(position), 0)
        """,
    ),
)
