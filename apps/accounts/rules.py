"""What an account may hold: states and choices, no database."""

from enum import StrEnum


class OverdueStatus(StrEnum):
    """How far an account is behind with paying."""

    CURRENT = "CURRENT"
    WARNING = "WARNING"
    BLOCKED = "BLOCKED"


class InvoiceGrouping(StrEnum):
    """One invoice a subscription, or one for all that falls due on a local date."""

    SUBSCRIPTION = "subscription"
    ACCOUNT = "account"
