"""Ask the gateway about whatever waits, for a while: charges, refunds, what it told us, methods that come and go."""

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


def sweep(*, seconds: float, actor: Actor) -> int:
    """Take turns until nothing waits, the time is up or the gateway is silent; returns how many were answered."""
    until = clock.monotonic() + seconds
    answered = silent = 0
    idle = False
    while not idle:
        idle = True
        for take_turn in TURNS:
            if clock.monotonic() >= until or silent >= GIVE_UP_AFTER:
                return answered
            came = take_turn(actor=actor)
            idle = idle and came is Turn.IDLE
            answered += came is Turn.DONE
            silent = {Turn.DONE: 0, Turn.IDLE: silent, Turn.UNANSWERED: silent + 1}[came]
    return answered
