"""`manage.py take_bounce < mail`: what came back to the address that mails are sent from. For a mail server's alias:

billing: "|/path/to/python manage.py take_bounce"
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.kernel.actors import system
from apps.notifications.actions.suppress import bounce
from apps.notifications.reports import report


class Command(BaseCommand):
    help = "Read a delivery report or complaint from stdin: its address gets no mail any more."

    def handle(self, *args: Any, **options: Any) -> None:
        found = report(sys.stdin.buffer.read())
        if found is None:
            self.stderr.write("nothing final about a message of ours: nothing done")
            return
        known = bounce(message_id=found.message_id, detail=found.detail, cause=found.cause, actor=system("take_bounce"))
        self.stderr.write(f"{found.cause.value}: {found.message_id}" if known else "this message is not known here")
