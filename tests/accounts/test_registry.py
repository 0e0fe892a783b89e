"""What upper apps contribute to an account."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from apps.accounts import registry
from apps.kernel.ids import uuid7


@pytest.fixture
def fields(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A registry of this test's own."""
    mine: dict[str, Any] = {}
    monkeypatch.setattr(registry, "_fields", mine)
    return mine


@pytest.mark.usefixtures("fields")
def test_a_page_costs_one_load_a_field() -> None:
    asked: list[list[UUID]] = []
    one, two = uuid7(), uuid7()

    def load(ids: Any) -> dict[UUID, int]:
        asked.append(list(ids))
        return {one: 5}

    registry.contribute("credit_balance", load, default=0)
    assert registry.contributed([one, two]) == {one: {"credit_balance": 5}, two: {"credit_balance": 0}}
    assert asked == [[one, two]]


@pytest.mark.usefixtures("fields")
def test_one_field_has_one_contributor() -> None:
    registry.contribute("credit_balance", lambda ids: {}, default=0)
    with pytest.raises(ValueError, match="credit_balance is contributed already"):
        registry.contribute("credit_balance", lambda ids: {}, default=0)
