"""A relay in a process of its own that does its handler's work, says so, and then hangs until it is killed."""

import sys
from collections.abc import Sequence

import django

django.setup()

from apps.events import relay  # noqa: E402 - Django comes first
from apps.events.models import Event  # noqa: E402
from apps.events.rules import Lane  # noqa: E402
from apps.kernel import clock  # noqa: E402
from tests.events.probes import hear, listening  # noqa: E402


def hang(events: Sequence[Event]) -> None:
    hear(events)
    sys.stdout.write(f"{len(events)}\n")
    sys.stdout.flush()
    clock.pause(60)


if __name__ == "__main__":
    with listening(hang):
        relay.run_once("tests.probe", Lane.API)
