"""Values of `outbox_oldest_age_seconds` and `dead_letters`, read from the database by the collectors of monitoring."""

from apps.events import queries
from apps.kernel import clock


def outbox_oldest_age_seconds() -> float:
    """How long the most overdue piece of the outbox has waited."""
    return queries.outbox_oldest_age(clock.wall())


def dead_letters() -> int:
    """How many deliveries were given up."""
    return queries.dead_letters()
