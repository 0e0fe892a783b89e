"""Why an event is not taken: a stable code and a hint, one function each."""

from collections.abc import Iterable
from datetime import datetime

from apps.kernel.errors import Invalid

MENTIONED = 20


def malformed(reason: str) -> Invalid:
    """Its JSON cannot be read, or a member has the wrong type."""
    return Invalid("event_malformed", reason, hint="Compare the event with docs/usage.md; /docs shows each field.")


def key_missing() -> Invalid:
    """Without it nobody could tell a repetition."""
    return Invalid(
        "idempotency_key_missing",
        "The event has no idempotency_key.",
        hint="Send a key that is this event's alone, such as a UUID; it makes sending it again safe.",
    )


def key_too_long(most: int) -> Invalid:
    """It does not fit."""
    return Invalid(
        "idempotency_key_too_long",
        f"The idempotency_key has more than {most} characters.",
        hint="Send a UUID, or a digest of what is longer.",
    )


def subscription_missing() -> Invalid:
    """None, or two."""
    return Invalid(
        "subscription_missing",
        "The event names no subscription, or names one in two ways.",
        hint="Send either subscription_id or subscription_external_key.",
    )


def metric_missing() -> Invalid:
    """Nothing to count."""
    return Invalid("metric_missing", "The event has no metric.", hint="Send the metric that the plan's charge counts.")


def timestamp_missing() -> Invalid:
    """It decides the period."""
    return Invalid(
        "timestamp_missing",
        "The event has no timestamp.",
        hint="Send when it happened, with an offset: 2026-11-01T00:00:00Z. It decides the period.",
    )


def timestamp_naive() -> Invalid:
    """A time of day somewhere."""
    return Invalid(
        "timestamp_naive",
        "The timestamp has no offset from UTC.",
        hint="Send one with its offset: 2026-11-01T00:00:00Z or 2026-11-01T01:00:00+01:00.",
    )


def invalid_character() -> Invalid:
    """Text that cannot be stored."""
    return Invalid("invalid_character", "A text of the event holds a NUL character.", hint="Leave it out.")


def quantity_invalid() -> Invalid:
    """No number, or one beyond the limits."""
    return Invalid(
        "quantity_invalid",
        "The quantity is no decimal within 64 bits and 12 places.",
        hint='Send a whole number, or a decimal as a string such as "1.5"; at most 9223372036854775807, no exponent.',
    )


def quantity_negative() -> Invalid:
    """Below zero where the meter does not take it."""
    return Invalid(
        "quantity_negative",
        "The quantity is below zero, which no meter of this metric takes.",
        hint="To take back what was sent, void or replace the event: POST /v1/usage/{id}/void.",
    )


def properties_too_large() -> Invalid:
    """Too many, or too long."""
    return Invalid(
        "properties_too_large",
        "The properties are more than 50, or more than 4 KiB.",
        hint="Send what usage is filtered and grouped by; keep the rest elsewhere, under the idempotency_key.",
    )


def property_not_scalar() -> Invalid:
    """An object, an array or an absurd number."""
    return Invalid(
        "property_not_scalar",
        "A property is an object, an array, or a number beyond all bounds.",
        hint="Properties are flat: texts, numbers, booleans or null.",
    )


def card_data() -> Invalid:
    """Something that looks like a card number."""
    return Invalid(
        "card_data_refused",
        "The event carries what looks like a card number or a security code. Nothing of it was stored.",
        hint="Never send card data here.",
    )


def subscription_unknown() -> Invalid:
    """Nobody by this id or key is metered."""
    return Invalid(
        "subscription_unknown",
        "No metered subscription has this id or key.",
        hint="Look it up: GET /v1/subscriptions?external_key=... A plan without metered charges takes no usage.",
    )


def timestamp_in_future(now: datetime, seconds: int) -> Invalid:
    """Beyond what clocks may differ by."""
    return Invalid(
        "timestamp_in_future",
        f"The timestamp is more than {seconds} seconds after the account's time, {now.isoformat()}.",
        hint="Correct the sender's clock; an account on a test clock lives at that clock's time.",
    )


def outside_windows() -> Invalid:
    """The subscription is there, but was not metered at that time."""
    return Invalid(
        "subscription_not_metered",
        "The subscription takes no usage at this time: it had not begun, was paused, or had ended.",
        hint="Check the timestamp against GET /v1/subscriptions/{id}/history.",
    )


def too_late(until: datetime) -> Invalid:
    """Its period is closed for good."""
    return Invalid(
        "event_too_late",
        f"The period of this timestamp took events until {until.isoformat()}.",
        hint="Bill it by hand if it must be: POST /v1/pending-items.",
    )


def metric_unknown(known: Iterable[str]) -> Invalid:
    """The plan does not count it."""
    names = sorted(known)
    shown = ", ".join(names[:MENTIONED]) + (", ..." if len(names) > MENTIONED else "")
    return Invalid(
        "metric_unknown",
        "The subscription's plan has no charge for this metric.",
        hint=f"Metrics of the plan: {shown or 'none'}.",
    )


def cap_reached(charge: str, cap: str) -> Invalid:
    """More would be beyond the cap."""
    return Invalid(
        "cap_reached",
        f"The charge {charge} takes no more than {cap} in a period.",
        hint="Wait for the next period, or change the plan's cap.",
    )
