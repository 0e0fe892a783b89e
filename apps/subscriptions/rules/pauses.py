"""How long a pause may last, and what ends it."""

from datetime import date, timedelta
from enum import StrEnum

from apps.kernel.errors import Invalid, Problem

LONGEST_PAUSE = 90
"""Days after the first one on which it is still paused; on the next it is cancelled."""
PAUSED_TOO_LONG = "paused_too_long"


class Wake(StrEnum):
    """What a pause comes to."""

    RESUME = "resume"
    CANCEL = "cancel"
    EXPIRE = "expire"
    GIVE_UP = "give_up"


def gives_up_on(paused_on: date) -> date:
    """The first day that is no pause any more: paused 1 January, still so on 1 April, cancelled on the 2nd."""
    return paused_on + timedelta(days=LONGEST_PAUSE + 1)


def wakes(
    *, paused_on: date, resumes_on: date | None, cancels_on: date | None, ends_on: date | None
) -> tuple[date, Wake]:
    """When a pause ends and how. Where several are due on one day an end goes before going on, and asked before not."""
    due = [
        (day, order, wake)
        for order, (day, wake) in enumerate((
            (cancels_on, Wake.CANCEL),
            (ends_on, Wake.EXPIRE),
            (resumes_on, Wake.RESUME),
            (gives_up_on(paused_on), Wake.GIVE_UP),
        ))
        if day is not None
    ]  # fmt: skip
    day, _, wake = min(due)
    return day, wake


def demand_resume_date(resumes_on: date, *, paused_on: date) -> None:
    """Refuse (422) a date that is no later than the pause's first day, or later than its last chance."""
    last = gives_up_on(paused_on)
    if paused_on < resumes_on <= last:
        return
    detail = (
        f"resume_at {resumes_on} is not after the pause begins, on {paused_on}."
        if resumes_on <= paused_on
        else f"resume_at {resumes_on} lies after {last}, when a pause of {LONGEST_PAUSE} days is over."
    )
    raise Invalid(
        "resume_at_outside",
        detail,
        hint=f"Give a date after {paused_on} and up to {last}, or none.",
        errors=[Problem("/resume_at", "resume_at_outside", detail)],
    )
