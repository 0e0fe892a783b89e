"""Ask the gateway about whatever waits, for a while: charges, refunds, what it told us, methods that come and go, and
whether it says what we say."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.payments.actions.attach import attach_next
from apps.payments.actions.charge import Charging
from apps.payments.actions.lease import Turn
from apps.payments.actions.methods import detach_next
from apps.payments.actions.notices import look_into_next
from apps.payments.actions.reconcile import reconcile_next
from apps.payments.actions.refund import refund_next

ONE_BY_ONE = (refund_next, look_into_next, attach_next, detach_next, reconcile_next)
GIVE_UP_AFTER = 3
"""So many turns in a row without an answer, and the gateway is left alone until the next doorbell."""


def sweep(*, seconds: float, actor: Actor, at_once: int = 1) -> int:
    """Take turns until nothing waits, the time is up or the gateway is silent; returns how many were answered.

    `at_once`: so many charges are under way side by side, for the gateway takes its time over each.
    """
    with ThreadPoolExecutor(at_once, thread_name_prefix="gateway") as threads:
        charging = Charging(threads, actor=actor, at_once=at_once)
        answered = _turns((charging.turn, *(_single(turn, actor) for turn in ONE_BY_ONE)), clock.monotonic() + seconds)
        return answered + charging.end().count(Turn.DONE)


def _turns(takers: Sequence[Callable[[], list[Turn]]], until: float) -> int:
    answered = silent = 0
    idle = False
    while not idle:
        idle = True
        for take_turns in takers:
            if clock.monotonic() >= until or silent >= GIVE_UP_AFTER:
                return answered
            for came in take_turns():
                idle = False
                answered += came is Turn.DONE
                silent = 0 if came is Turn.DONE else silent + 1
    return answered


def _single(turn: Callable[..., Turn], actor: Actor) -> Callable[[], list[Turn]]:
    def turns() -> list[Turn]:
        came = turn(actor=actor)
        return [] if came is Turn.IDLE else [came]

    return turns
