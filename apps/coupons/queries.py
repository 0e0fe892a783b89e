"""Reads of coupons."""

from collections.abc import Collection
from uuid import UUID

from apps.coupons.rules import Attached


def attached(subscription_ids: Collection[UUID]) -> dict[UUID, list[Attached]]:
    return {}
