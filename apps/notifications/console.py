"""Where mail goes while no mail server is set: one line of the log each, without addresses; documents by their size."""

from collections.abc import Sequence

import structlog
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class ConsoleBackend(BaseEmailBackend):
    """Shows messages instead of sending them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Show each; returns how many."""
        for message in email_messages:
            message.message()  # what cannot be put into headers is refused here as by a server
            attached = {str(part[0]): len(part[1]) for part in message.attachments if isinstance(part, tuple)}
            structlog.get_logger(__name__).info(
                "message_shown", subject=message.subject, text=message.body, attachments=attached
            )
        return len(email_messages)
