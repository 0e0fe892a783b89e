"""manage.py stuck: all pending work that does not move, with its reasons. Ends with 1 if there is any."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.kernel import clock
from apps.kernel.backlog import State, looked_at, registered, stand

SHOWN = 5


class Command(BaseCommand):
    help = "List pending work that is stuck or failing, kind by kind, the worst first; 1 if anything is stuck."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        now, kinds, stuck = clock.wall(), [], 0
        for name, kind in registered().items():
            found = stand(kind, now)
            stuck += found.stuck
            worst = looked_at(kind, now).filter(backlog_state__lte=State.FAILING)[:SHOWN]
            pieces = [
                {
                    "id": str(row.pk),
                    "state": State(row.backlog_state).name.lower(),
                    "since": row.backlog_since.isoformat(),
                    "tries": row.backlog_calls,
                    "next_try": row.backlog_next_at and row.backlog_next_at.isoformat(),
                    "reason": row.backlog_reason,
                }
                for row in worst
            ]
            number = {state.name.lower(): found.number.get(state, 0) for state in State}
            kinds.append({"kind": name, "number": number, "worst": pieces})
        if options["json"]:
            self.stdout.write(json.dumps({"stuck": stuck, "kinds": kinds}, indent=2))
        else:
            self._say(kinds, stuck)
        if stuck:
            sys.exit(1)

    def _say(self, kinds: list[dict[str, Any]], stuck: int) -> None:
        for kind in kinds:
            for piece in kind["worst"]:
                why = f"  {piece['reason']}" if piece["reason"] else ""
                self.stdout.write(f"{piece['state']:<10} {kind['kind']:<26} {piece['id']}  since {piece['since']}{why}")
        self.stdout.write(f"{stuck} stuck.")
