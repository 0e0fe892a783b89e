"""How objects are written."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.rest.objects import ApiObject, builtins, encode


class Sample(ApiObject):
    id: UUID
    at: datetime
    on: date
    rate: Decimal
    metadata: dict[str, Any]


SAMPLE = Sample(
    id=UUID(int=7),
    at=datetime(2026, 11, 1, 5, tzinfo=UTC),
    on=date(2026, 11, 1),
    rate=Decimal("19.00"),
    metadata={"n": 1},
)
WRITTEN = {
    "id": "00000000-0000-0000-0000-000000000007",
    "at": "2026-11-01T05:00:00Z",
    "on": "2026-11-01",
    "rate": "19.00",
    "metadata": {"n": 1},
}


def test_instants_end_in_z_and_decimals_are_strings() -> None:
    assert json.loads(encode(SAMPLE)) == WRITTEN
    assert builtins(SAMPLE) == WRITTEN


def test_whole_numbers_beyond_64_bits_are_written() -> None:
    assert json.loads(encode({"data": [SAMPLE], "n": 10**30})) == {"data": [WRITTEN], "n": 10**30}
