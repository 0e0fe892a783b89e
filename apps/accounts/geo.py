"""Where an address probably is: its country by a file that lies beside this one, and the time zone of that country.

A default for new accounts, which whoever creates them overrides. No look-up leaves the machine.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path

import maxminddb
import structlog

from apps.rest.countries import COUNTRIES

COUNTRY_FILE = Path(__file__).parent / "data" / "countries.mmdb"

CAPITALS = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "PS": "Asia/Hebron",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
"""Countries whose first zone in the time zone database is not that of their capital."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Place:
    """A country (ISO 3166-1) and the time zone of its capital, None where it has no inhabitants to keep one."""

    country: str
    timezone: str | None


def locate(address: str) -> Place | None:
    """Where `address` probably is; None for private, reserved, unknown and malformed ones."""
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return None
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    reader = _reader()
    # Reserved ranges stand in the file too, as whoever they were given to for safe-keeping.
    if reader is None or not parsed.is_global or getattr(parsed, "scope_id", None):
        return None
    found = reader.get(parsed)
    country = found.get("country_code") if isinstance(found, dict) else None
    if country not in COUNTRIES:
        return None
    return Place(str(country), timezones().get(str(country)))


@lru_cache(maxsize=1)
def timezones() -> dict[str, str]:
    """Country -> time zone of its capital: the first that tzdata lists for it, except for CAPITALS."""
    listed: dict[str, str] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            listed.setdefault(country, zone)
    return listed | CAPITALS


@lru_cache(maxsize=1)
def _reader() -> maxminddb.Reader | None:
    """The file, mapped into memory once a process. Without it accounts start from the deployment's defaults."""
    try:
        return maxminddb.open_database(COUNTRY_FILE)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        logger.error("country_file_unreadable", file=str(COUNTRY_FILE), reason=f"{type(error).__name__}: {error}")
        return None
