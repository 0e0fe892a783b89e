"""Ask the gateway about whatever waits, for a while: charges, refunds, what it told us, methods that come and go."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass

from django.db import connection

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.payments.actions.attach import attach_next
from apps.payments.actions.charge import charge_next
from apps.payments.actions.lease import Turn
from apps.payments.actions.methods import detach_next
from apps.payments.actions.notices import look_into_next
from apps.payments.actions.refund import refund_next

TURNS = (charge_next, refund_next, look_into_next, attach_next, detach_next)
GIVE_UP_AFTER = 3
"""So many turns in a row without an answer, and the gateway is left alone until the next doorbell."""


def sweep(*, seconds: float, actor: Actor, at_once: int = 1) -> int:
    """Take turns until nothing waits, the time is up or the gateway is silent; returns how many were answered.

    Once the first round has shown that something waits, `at_once` threads take them, each with a connection of its
    own: the gateway takes its time over each call, and much more over one than we do.
    """
    until = clock.monotonic() + seconds
    if at_once == 1:
        return _turns(until, actor).answered
    first = _turns(until, actor, rounds=1)
    if first.idle:
        return first.answered
    with ThreadPoolExecutor(at_once, thread_name_prefix="gateway") as pool:
        others = [pool.submit(copy_context().run, _apart, until, actor) for _ in range(at_once)]
    return first.answered + sum(other.result() for other in others)


@dataclass
class _Taken:
    """What came of some turns. `idle`: nothing was left to ask."""

    answered: int = 0
    idle: bool = False


def _apart(until: float, actor: Actor) -> int:
    """The same in a thread, which ends with its connection."""
    try:
        return _turns(until, actor).answered
    finally:
        connection.close()


def _turns(until: float, actor: Actor, *, rounds: int | None = None) -> _Taken:
    taken, silent = _Taken(), 0
    while not taken.idle and rounds != 0:
        taken.idle = True
        for take_turn in TURNS:
            if clock.monotonic() >= until or silent >= GIVE_UP_AFTER:
                return taken
            came = take_turn(actor=actor)
            taken.idle = taken.idle and came is Turn.IDLE
            taken.answered += came is Turn.DONE
            silent = {Turn.DONE: 0, Turn.IDLE: silent, Turn.UNANSWERED: silent + 1}[came]
        rounds = None if rounds is None else rounds - 1
    return taken
