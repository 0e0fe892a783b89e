"""What can be done: to API keys (`keys`), signing keys (`signing`), sign-ins (`tokens`, `attempts`), second factors."""

from apps.access.actions.keys import (
    MAX_CIDRS,
    MAX_RATE_LIMIT,
    OVERLAP_HOURS,
    create_api_key,
    note_use,
    revoke_api_key,
    rotate_api_key,
)

__all__ = [
    "MAX_CIDRS",
    "MAX_RATE_LIMIT",
    "OVERLAP_HOURS",
    "create_api_key",
    "note_use",
    "revoke_api_key",
    "rotate_api_key",
]
