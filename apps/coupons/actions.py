"""What can be done to coupons."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class NewUse:
    attached_id: UUID
    invoice_id: UUID
    amount: int


def attach(**wanted: Any) -> None:
    raise NotImplementedError


def record_uses(uses: Sequence[NewUse], *, at: datetime) -> None:
    return None


def give_back(invoice_ids: Collection[UUID], *, at: datetime) -> None:
    return None
