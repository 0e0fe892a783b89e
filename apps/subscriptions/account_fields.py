"""What others ask of an account: which subscriptions it has."""

from apps.subscriptions.queries import ids_of
from apps.usage.registry import tell_owned

tell_owned(ids_of)
