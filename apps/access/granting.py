"""What somebody is given who signs in."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Granted:
    """An access token and, of staff, the next refresh token, which is shown this once."""

    access_token: str
    expires_in: int
    refresh_token: str | None = None
    refresh_expires_at: datetime | None = None
