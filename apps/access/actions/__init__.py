"""What can be done: to API keys (`keys`), signing keys (`signing`), sign-ins (`tokens`, `attempts`), second factors."""

from apps.access.actions.keys import MAX_RATE_LIMIT, create_api_key, note_use, revoke_api_key

__all__ = ["MAX_RATE_LIMIT", "create_api_key", "note_use", "revoke_api_key"]
