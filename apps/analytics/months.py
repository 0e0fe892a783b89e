"""Months, by their first day. Pure."""

from datetime import date


def before(month: date, months: int) -> date:
    """The month that lies so many months before."""
    count = month.year * 12 + month.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
