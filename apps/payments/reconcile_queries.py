"""Reads of reconciliation: both sides of charges that do not agree, by one statement over all of them."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from apps.payments.models import Difference, Reconciliation
from apps.payments.reconcile_rules import (
    MOST,
    Charge,
    DifferenceKind,
    DifferenceStatus,
    Finding,
    Fix,
    hour,
)
from apps.payments.rules import BY_HAND, Status

_CHANGED = "greatest(theirs.at, payment.updated_at)"
_BY_HAND = ", ".join(f"'{method}'" for method in BY_HAND)

_SIDES = """
WITH theirs AS (
    SELECT charge_id, min(currency) AS currency, max(at) AS at,
           coalesce(sum(amount) FILTER (WHERE side = 'charge'), 0) AS charged,
           coalesce(-sum(amount) FILTER (WHERE side = 'refund'), 0) AS refunded,
           coalesce(-sum(amount) FILTER (WHERE side = 'dispute'), 0) AS withdrawn,
           array_agg(DISTINCT source_id) FILTER (WHERE side = 'refund') AS refunds,
           array_agg(DISTINCT source_id) FILTER (WHERE side = 'dispute') AS disputes,
           (array_agg(payment_id) FILTER (WHERE payment_id IS NOT NULL))[1] AS payment_id,
           max(customer_id) AS customer_id
    FROM payments_gatewaymovement {moved} GROUP BY charge_id
), ours AS (
    SELECT * FROM payments_payment WHERE status = 'SUCCEEDED' AND method NOT IN ({by_hand}) {paid}
)
SELECT coalesce(theirs.charge_id, ours.gateway_transaction_id, ours.id::text), theirs.currency, theirs.charged,
       theirs.refunded, theirs.withdrawn, theirs.refunds, theirs.disputes, payment.id, payment.status,
       payment.gateway_transaction_id, payment.currency, payment.amount, payment.amount_refunded,
       payment.amount_charged_back, account.id, account.currency = coalesce(theirs.currency, account.currency),
       greatest(theirs.at, payment.updated_at)
FROM theirs FULL JOIN ours ON ours.gateway_transaction_id = theirs.charge_id
LEFT JOIN payments_payment AS asked ON ours.id IS NULL AND asked.id = theirs.payment_id
LEFT JOIN payments_payment AS payment ON payment.id = coalesce(
    ours.id, CASE WHEN asked.status <> 'SUCCEEDED' THEN asked.id END
)
LEFT JOIN payments_gatewaycustomer AS customer ON ours.id IS NULL AND customer.gateway_id = theirs.customer_id
LEFT JOIN accounts_account AS account
    ON account.id = coalesce(ours.account_id, asked.account_id, customer.account_id)
WHERE (CASE
    WHEN ours.id IS NULL THEN theirs.charged <> 0
    WHEN theirs.charge_id IS NULL THEN true
    ELSE (theirs.currency, theirs.charged, theirs.refunded, theirs.withdrawn)
      <> (ours.currency, ours.amount, ours.amount_refunded, ours.amount_charged_back)
END) {quiet}
ORDER BY 1 {most}
"""

_CLEARING = """
SELECT currency, sum(books), sum(rows) FROM (
    SELECT currency, amount AS books, 0 AS rows FROM ledger_posting WHERE ledger_account = 'gateway_clearing'
    UNION ALL
    SELECT currency, 0, amount - amount_refunded - amount_charged_back FROM payments_payment
    WHERE status = 'SUCCEEDED' AND method NOT IN ({by_hand})
) AS both_sides GROUP BY currency HAVING sum(books) <> sum(rows) ORDER BY currency
"""


def differences() -> QuerySet[Difference]:
    """All tasks, open or closed."""
    return Difference.objects.all()


def lock_difference(difference_id: UUID) -> Difference:
    """Lock one task."""
    return Difference.objects.select_for_update(no_key=True).get(pk=difference_id)


def to_reconcile() -> QuerySet[Reconciliation]:
    """Looks that have not come to their end."""
    return Reconciliation.objects.filter(next_call_at__isnull=False)


def open_differences() -> dict[str, int]:
    """How many tasks of each kind are open; kinds without are 0."""
    rows = Difference.objects.filter(status=DifferenceStatus.OPEN).order_by().values_list("kind")
    counted = dict(rows.annotate(number=Count("pk")))
    return {kind.value: counted.get(kind.value, 0) for kind in DifferenceKind}


def look_is_due(at: datetime) -> bool:
    """Whether the look of this hour has to be begun: none was, and none before it is still on its way."""
    return not Reconciliation.objects.filter(Q(slot__gte=hour(at)) | Q(next_call_at__isnull=False)).exists()


def all_charges(quiet: datetime) -> list[Charge]:
    """What does not agree of everything that was ever listed or paid and has not changed since `quiet`, MOST of it."""
    return _sides("", "", [quiet], f"AND {_CHANGED} < %s", MOST)


def charges_since(at: datetime, quiet: datetime) -> list[Charge]:
    """The same of charges that the gateway moved at `at` or later."""
    lately = "IN (SELECT charge_id FROM payments_gatewaymovement WHERE at >= %s)"
    moved, paid = f"WHERE charge_id {lately}", f"AND gateway_transaction_id {lately}"
    return _sides(moved, paid, [at, at, quiet], f"AND {_CHANGED} < %s", MOST)


def charges_of(subjects: Collection[str]) -> list[Charge]:
    """What does not agree of these charges, or payments without one."""
    wanted = sorted(set(subjects))
    paid = "AND (gateway_transaction_id = ANY(%s) OR id = ANY(%s::uuid[]))"
    values = [wanted, wanted, [each for each in wanted if _is_id(each)]]
    return _sides("WHERE charge_id = ANY(%s)", paid, values, "", None)


def clearing() -> list[Finding]:
    """Currencies whose clearing account is not what the payments say that the gateway holds."""
    with connection.cursor() as cursor:
        cursor.execute(_CLEARING.format(by_hand=_BY_HAND))
        return [
            Finding(
                kind=DifferenceKind.CLEARING_DIFFERS,
                subject=currency,
                fix=Fix.BY_HAND,
                outside=int(rows),
                ours=int(books),
                outside_currency=currency,
                our_currency=currency,
            )
            for currency, books, rows in cursor.fetchall()
        ]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _sides(moved: str, paid: str, values: list[Any], quiet: str, most: int | None) -> list[Charge]:
    limit = f"LIMIT {most}" if most else ""
    with connection.cursor() as cursor:
        cursor.execute(_SIDES.format(moved=moved, paid=paid, by_hand=_BY_HAND, quiet=quiet, most=limit), values)
        return list(_charges(cursor.fetchall()))


def _charges(rows: list[Any]) -> Iterator[Charge]:
    for row in rows:
        (charge_id, currency, charged, refunded, withdrawn, refunds, disputes, payment_id, status, known_as) = row[:10]
        (our_currency, amount, amount_refunded, charged_back, account_id, payable, changed_at) = row[10:]
        yield Charge(
            charge_id=charge_id,
            currency=currency or "",
            charged=int(charged or 0),
            refunded=int(refunded or 0),
            withdrawn=int(withdrawn or 0),
            refunds=refunds or (),
            disputes=disputes or (),
            payment_id=payment_id,
            status=Status(status) if status else None,
            known_as=known_as,
            our_currency=our_currency or "",
            amount=amount or 0,
            amount_refunded=amount_refunded or 0,
            amount_charged_back=charged_back or 0,
            account_id=account_id,
            payable=bool(payable),
            changed_at=changed_at,
        )
