"""Order and exactness of what credit pays."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.credits.rules import in_order, spend

AT = datetime(2026, 4, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Credit:
    id: UUID
    remaining: int
    expires_at: datetime | None


credits = st.lists(
    st.builds(
        Credit,
        id=st.uuids(version=4),
        remaining=st.integers(0, 10**6),
        expires_at=st.none() | st.integers(-3, 3).map(lambda days: AT + timedelta(days=days)),
    ),
    max_size=8,
)


@given(credits, st.integers(0, 10**7))
def test_credits_pay_in_order_and_never_more_than_they_hold_or_is_owed(rows, amount):
    ordered = in_order(rows)
    parts = spend(ordered, amount, at=AT)
    usable = [one for one in ordered if one.remaining and (one.expires_at is None or one.expires_at > AT)]
    assert [one for one, _ in parts] == usable[: len(parts)]
    assert all(0 < part <= one.remaining for one, part in parts)
    assert all(part == one.remaining for one, part in parts[:-1]), "a credit is used up before the next is touched"
    assert sum(part for _, part in parts) == min(amount, sum(one.remaining for one in usable))


@pytest.mark.fr("FR-093")
def test_soonest_expiring_then_oldest():
    old, young = UUID(int=1), UUID(int=2)
    never = Credit(old, 1, None)
    late, later = Credit(young, 1, AT + timedelta(days=1)), Credit(old, 1, AT + timedelta(days=2))
    twin = Credit(old, 1, AT + timedelta(days=1))
    assert in_order([never, later, late, twin]) == [twin, late, later, never]
