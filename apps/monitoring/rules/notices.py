"""What Alertmanager posts, read strictly where we depend on it and leniently where it may grow."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec

from apps.kernel.errors import Invalid, Malformed

MOST_ALERTS = 500
LONGEST_NAME = 200

Read = TypeVar("Read")


class Severity(StrEnum):
    """How bad: whom it wakes."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Notice(msgspec.Struct, frozen=True, rename="camel"):
    """One alert as Alertmanager tells of it."""

    status: str
    labels: dict[str, str]
    starts_at: datetime
    fingerprint: str
    annotations: dict[str, str] = {}
    ends_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> Severity:
        """What a rule left out is a warning: better heard than lost."""
        given = self.labels.get("severity", "")
        return Severity(given) if given in set(Severity) else Severity.WARNING

    @property
    def is_resolved(self) -> bool:
        return self.status == "resolved"


class Post(msgspec.Struct, frozen=True):
    """The body of one call."""

    alerts: list[Notice]


class ProbeReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the synthetic probe tells of one round."""

    region: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    success: bool
    milliseconds: Annotated[int, msgspec.Meta(ge=0, le=3_600_000)]
    detail: Annotated[str, msgspec.Meta(max_length=500)] = ""


def post(body: bytes) -> list[Notice]:
    """The alerts of one call, or why it was none."""
    found = _read(body, Post).alerts
    if len(found) > MOST_ALERTS:
        hint = "Set max_alerts in Alertmanager's webhook."
        raise Invalid("too_many_alerts", f"More than {MOST_ALERTS} alerts.", hint=hint)
    if not all(each.name and each.fingerprint and len(each.name) <= LONGEST_NAME for each in found):
        raise Invalid(
            "alert_without_name", "An alert has no name or no fingerprint.", hint="Post as Alertmanager does."
        )
    return found


def probe(body: bytes) -> ProbeReport:
    return _read(body, ProbeReport)


def _read(body: bytes, kind: type[Read]) -> Read:
    if b"\\u0000" in body:
        raise Invalid("invalid_body", "A text holds NUL.", hint="PostgreSQL cannot keep it.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Invalid("invalid_body", f"The body does not fit: {error}", hint="See docs/observability.md.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed("malformed_json", "The body is not JSON.", hint="Send an object in UTF-8.") from error
