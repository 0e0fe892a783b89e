"""Reads of credits. What remains is always summed from rows."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.credits.models import Grant, Use
from apps.kernel.fields import AmountField
from apps.kernel.membership import array
from apps.kernel.prepared import named, rows_of
from apps.kernel.schedule import Scope
from apps.kernel.statements import fetch

_AVAILABLE = named(
    Grant,
    """
SELECT remaining, * FROM (
    SELECT held.*,
           held.amount - coalesce(
               (SELECT sum(amount) FROM credits_use WHERE grant_id = held.id), 0
           )::bigint AS remaining
    FROM credits_grant AS held WHERE held.account_id = ANY(%s::uuid[])
) AS held WHERE remaining > 0 ORDER BY id
""",
)
"""As `grants` has it: written out, for it is asked at every invoice, and takes longer to compile than to run."""
_BALANCES = """
SELECT account_id,
       sum(held.amount - coalesce((SELECT sum(amount) FROM credits_use WHERE grant_id = held.id), 0))::bigint
FROM credits_grant AS held WHERE account_id = ANY(%s::uuid[]) GROUP BY account_id
"""


def grants() -> QuerySet[Any]:
    """All credits, each with what is `remaining` of it, summed per row by index."""
    used = Use.objects.filter(grant=OuterRef("pk")).order_by().values("grant").annotate(used=Sum("amount"))
    summed = Subquery(used.values("used"), output_field=AmountField())
    return Grant.objects.annotate(remaining=F("amount") - Coalesce(summed, 0))


def available(account_ids: Collection[UUID]) -> list[Any]:
    """The credits of these accounts of which something remains, expired or not, in one query.

    The account's lock is the lock of its credits: whoever spends them holds it.
    """
    return rows_of(Grant, _AVAILABLE, [array(account_ids)], before=["remaining"])


def balances(account_ids: Collection[UUID]) -> dict[UUID, int]:
    """What remains of all credits of each account that has one: what its customer credit in the books comes to."""
    return dict(fetch(_BALANCES, [array(account_ids)]))


def to_expire(at: datetime, scope: Scope) -> QuerySet[Grant]:
    """Credits whose time is up at `at` and that nobody has swept, the longest due first."""
    return Grant.objects.filter(account__test_clock_id=scope.clock_id, sweep_at__lte=at).order_by("sweep_at", "pk")
