"""Days that are never to be billed: of a pause, of an invoice that was voided without another in its place."""

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from apps.subscriptions.models import RECURRING, BilledPeriod, Subscription


def waived_up_to(subscription: Subscription, day: date) -> date:
    """The first day from `day` on that may be billed: what was waived, by a void for one, never is."""
    rows = BilledPeriod.objects.filter(
        subscription=subscription, component=RECURRING, released_by=None, waived=True, days__contains=day
    )
    days = rows.values_list("days", flat=True).first()
    return days.upper if days else day


def waive(subscription: Subscription, start: date, end: date) -> None:
    """Record the days of [start, end) that nothing bills as never to be billed: neither billed later nor a gap."""
    taken = BilledPeriod.objects.filter(
        subscription=subscription, component=RECURRING, released_by=None, days__overlap=DateRange(start, end)
    )
    for days in sorted((row.days for row in taken), key=lambda days: days.lower):
        if start < days.lower:
            _waived(subscription, start, days.lower)
        start = max(start, days.upper)
    if start < end:
        _waived(subscription, start, end)


def _waived(subscription: Subscription, start: date, end: date) -> None:
    BilledPeriod.objects.create(subscription=subscription, days=DateRange(start, end), waived=True)
