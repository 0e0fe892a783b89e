"""A delivery report (RFC 3464) or a complaint (RFC 5965) as a mail server sends it back. Pure."""

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import Message
from uuid import UUID

from apps.notifications.rules import Cause

_OURS = re.compile(r"^Message-ID:\s*<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What became of one of our messages."""

    message_id: UUID
    cause: Cause
    detail: str


def report(raw: bytes) -> Report | None:
    """What a mail reports; None where it reports nothing final of a message of ours (a delay, an answer by hand)."""
    mail = email.message_from_bytes(raw, policy=email.policy.compat32)
    kind = str(mail.get_param("report-type", "")).lower()
    ours = _OURS.search(raw.decode(errors="replace").split("\n\n", 1)[-1].replace("\r\n", "\n"))
    if mail.get_content_type() != "multipart/report" or ours is None:
        return None
    if kind == "feedback-report":
        return Report(UUID(ours[1]), Cause.COMPLAINED, "called spam by its reader")
    for fields in _recipients(mail):
        status = str(fields.get("Status", ""))
        if str(fields.get("Action", "")).lower() == "failed" and status.startswith("5."):
            return Report(UUID(ours[1]), Cause.BOUNCED, f"{status} {fields.get('Diagnostic-Code', '')}".strip()[:500])
    return None


def _recipients(mail: Message) -> list[Message]:
    found: list[Message] = []
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            found += [each for each in groups if isinstance(each, Message)] if isinstance(groups, list) else []
    return found
