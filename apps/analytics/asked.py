"""What the query string asks a report for."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from apps.analytics.periods import Interval, Period, before, months_of
from apps.clocks.models import TestClock
from apps.kernel import clock
from apps.kernel.currencies import CURRENCIES
from apps.kernel.errors import Invalid, Problem

MOST_MONTHS, USUAL_MONTHS = 60, 12
MOST_DAYS, USUAL_DAYS = 366, 30
PARAMETERS = ("from", "to", "currency", "test_clock_id")

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_YEARS = range(1970, 9000)
_EXAMPLES = {Interval.MONTH: "2026-04", Interval.DAY: "2026-04-30"}


def asked(given: Mapping[str, str], *, by_day: bool = True) -> Period:
    """The period, by day only where that may be: the last twelve months, or thirty days, where nothing is said.

    Errors (422): interval_unknown, parameter_invalid, range_invalid, currency_unknown, test_clock_unknown.
    """
    interval = _interval(given.get("interval", ""))
    if interval is Interval.DAY and not by_day:
        raise refusal("interval", "interval_unknown", "This report is by month.")
    ours = _clock(given.get("test_clock_id", ""))
    now = ours.frozen_time if ours else clock.wall()
    first, last = _months(given, now.date()) if interval is Interval.MONTH else _days(given, now.date())
    code = given.get("currency", "")
    if code and code not in CURRENCIES:
        raise refusal("currency", "currency_unknown", f"{code[:20]!r} is not a currency that we know.")
    return Period(first, last, interval, now, code, ours.pk if ours else None)


def refusal(name: str, code: str, detail: str) -> Invalid:
    """What is wrong with a parameter, and a query that is right."""
    hint = "GET /v1/analytics/mrr?from=2026-01&to=2026-04&currency=EUR, or ?interval=day&from=2026-04-01&to=2026-04-30"
    return Invalid(code, detail, hint=hint, errors=[Problem(f"?{name}", code, detail)])


def _interval(text: str) -> Interval:
    if text not in ("", *Interval):
        raise refusal("interval", "interval_unknown", f"{text[:20]!r} is neither month nor day.")
    return Interval(text) if text else Interval.MONTH


def _months(given: Mapping[str, str], today: date) -> tuple[date, date]:
    last = _date("to", given.get("to"), Interval.MONTH) or today
    first = _date("from", given.get("from"), Interval.MONTH) or before(last, USUAL_MONTHS - 1)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 1 <= months <= MOST_MONTHS:
        detail = f"From {first:%Y-%m} to {last:%Y-%m} is not 1 to {MOST_MONTHS} months."
        raise refusal("from", "range_invalid", detail)
    return months_of(first, last)


def _days(given: Mapping[str, str], today: date) -> tuple[date, date]:
    last = _date("to", given.get("to"), Interval.DAY) or today
    first = _date("from", given.get("from"), Interval.DAY) or last - timedelta(days=USUAL_DAYS - 1)
    if not 1 <= (last - first).days + 1 <= MOST_DAYS:
        raise refusal("from", "range_invalid", f"From {first} to {last} is not 1 to {MOST_DAYS} days.")
    return first, last


def _date(name: str, text: str | None, interval: Interval) -> date | None:
    """The first day of what is named."""
    if not text:
        return None
    found = (_MONTH if interval is Interval.MONTH else _DAY).fullmatch(text)
    try:
        if found is None or int(found[1]) not in _YEARS:
            raise ValueError(text[:20])
        return date.fromisoformat(f"{text}-01" if interval is Interval.MONTH else text)
    except ValueError:
        detail = f"`{name}` is not a {interval.value} such as {_EXAMPLES[interval]}."
        raise refusal(name, "parameter_invalid", detail) from None


def _clock(text: str) -> TestClock | None:
    if not text:
        return None
    try:
        found = TestClock.objects.filter(pk=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise refusal("test_clock_id", "test_clock_unknown", f"There is no test clock {text[:100]!r}.")
    return found
