"""What was invoiced, collected, given back and earned, and what was deferred and owed at the end of each step.

Read from the books alone: an entry counts on its own local date, so what takes back counts when it does. One statement.

| column | postings | of entries |
| --- | --- | --- |
| invoiced | -(deferred_revenue + revenue) | issue, void |
| tax | -tax_payable | issue, void |
| credit_notes | deferred_revenue + revenue + tax_payable | credit_note |
| written_off | bad_debt_expense | write_off, write_off_reversal |
| collected | gateway_clearing + bank | of payments, what was too much included |
| refunded | -(gateway_clearing + bank) | of refunds, less those that did not arrive |
| charged_back | -(gateway_clearing + bank) | of chargebacks, less what banks gave back |
| recognised | -revenue | all: issue (usage, one-off), recognition, credit_note, void |
| deferred | -deferred_revenue | all up to the step's last day |
| receivable | receivable | all up to the step's last day |

Unused days that an invoice credits are taken off `invoiced`, also where it comes to less than zero. Credit that expired
(breakage) is not in `recognised`. What credit pays moves `receivable` and no other column.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from apps.analytics.periods import Period

_STATEMENT = """
SELECT CASE WHEN entry.effective_on >= %(first)s
            THEN date_trunc(%(interval)s, entry.effective_on::timestamp)::date END AS step,
       entry.currency,
       -sum(amount) FILTER (WHERE kind IN ('issue', 'void') AND ledger_account IN ('deferred_revenue', 'revenue')),
       -sum(amount) FILTER (WHERE kind IN ('issue', 'void') AND ledger_account = 'tax_payable'),
       sum(amount) FILTER (
           WHERE kind = 'credit_note' AND ledger_account IN ('deferred_revenue', 'revenue', 'tax_payable')),
       sum(amount) FILTER (WHERE ledger_account = 'bad_debt_expense'),
       sum(amount) FILTER (WHERE ledger_account IN ('gateway_clearing', 'bank') AND source_type = 'payment'),
       -sum(amount) FILTER (WHERE ledger_account IN ('gateway_clearing', 'bank') AND source_type = 'refund'),
       -sum(amount) FILTER (WHERE ledger_account IN ('gateway_clearing', 'bank') AND source_type = 'chargeback'),
       -sum(amount) FILTER (WHERE ledger_account = 'revenue'),
       -sum(amount) FILTER (WHERE ledger_account = 'deferred_revenue'),
       sum(amount) FILTER (WHERE ledger_account = 'receivable')
FROM ledger_entry AS entry
JOIN accounts_account AS account ON account.id = entry.account_id
JOIN ledger_posting AS posting ON posting.entry_id = entry.id
WHERE entry.effective_on <= %(last)s AND account.test_clock_id IS NOT DISTINCT FROM %(clock)s
  AND (%(currency)s = '' OR entry.currency = %(currency)s)
GROUP BY 1, 2
"""

_NOTHING = [0] * 10


@dataclass(frozen=True, slots=True)
class Revenue:
    """A step (2026-04 or 2026-04-30) in one currency, in minor units; `deferred` and `receivable` as it ends."""

    step: str
    currency: str
    invoiced: int
    tax: int
    credit_notes: int
    written_off: int
    collected: int
    refunded: int
    charged_back: int
    recognised: int
    deferred: int
    receivable: int


def revenue(period: Period) -> list[Revenue]:
    """The newest step first, then by currency: each step of each currency that the books hold by its end.

    Balances are of all entries up to the step's last day; of a step that goes on, of those there are.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, {
            "interval": period.interval.value,
            "first": period.first,
            "last": period.last,
            "currency": period.currency,
            "clock": period.clock_id,
        })  # fmt: skip
        rows = cursor.fetchall()
    found = {(currency, step): [int(sum_ or 0) for sum_ in sums] for step, currency, *sums in rows}
    return sorted(_steps(period, found), key=lambda one: one.step, reverse=True)  # which keeps currencies in order


def _steps(period: Period, found: Mapping[tuple[str, date | None], Sequence[int]]) -> Iterator[Revenue]:
    """Each currency's in order: what a step moves is added to the balances before it."""
    for currency in sorted({currency for currency, _ in found}):
        *_, deferred, receivable = found.get((currency, None), _NOTHING)
        for step in period.steps():
            *moved, more_deferred, more_owed = found.get((currency, step), _NOTHING)
            deferred, receivable = deferred + more_deferred, receivable + more_owed
            figures = [*moved, deferred, receivable]
            yield Revenue(period.named(step), currency, *figures)
