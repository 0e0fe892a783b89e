"""What an account's export holds of its events: what was told of it, with the values of that time."""

from apps.accounts.registry import section
from apps.events.objects import EventObject, event_objects
from apps.events.queries import of_account

section("events", EventObject, rows=of_account, show=event_objects)
