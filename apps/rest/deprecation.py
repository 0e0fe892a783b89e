"""What is to go, said in every answer for as long as it stays: Deprecation (RFC 9745), Sunset (RFC 8594), Link."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime


@dataclass(frozen=True)
class Deprecation:
    """An action of a resource that will be gone at `sunset`. `link`: what to call instead."""

    since: datetime
    sunset: datetime
    link: str

    @property
    def headers(self) -> dict[str, str]:
        """As they stand in the answer."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": format_datetime(self.sunset, usegmt=True),
            "Link": f'<{self.link}>; rel="deprecation"',
        }
