"""Coupons, through their action."""

from decimal import Decimal
from itertools import count
from typing import Any

from apps.coupons import actions
from apps.coupons.models import Coupon
from apps.kernel.actors import system

_numbers = count(1)


def make_coupon(**fields: Any) -> Coupon:
    """Half off once, under a code of its own, unless told otherwise."""
    given: dict[str, Any] = {"code": f"HALF{next(_numbers)}", "name": "Half", "duration": "once"}
    if "amount_off" not in fields:
        given["percent_off"] = Decimal(50)
    return actions.create(fields={**given, **fields}, actor=system("tests"))
