"""Two workers, and a payment in the middle of a sweep; commits are real."""

import threading
from datetime import timedelta

from django.db import connections

from apps.dunning.actions.judge import judge
from apps.dunning.actions.sweep import sweep
from apps.dunning.queries import times_of
from apps.kernel.periods import midnight
from apps.kernel.schedule import Scope
from tests.factories.dunning import ACTOR, DUE, clocked, debtor, happened, pay, state

WARNED = ("state", "WARNING", "payment_warning")


def test_two_workers_judge_once(committed_db: str) -> None:
    clock = clocked()
    accounts = [debtor(clock)[0] for _ in range(4)]
    at = midnight(DUE + timedelta(days=7), "UTC")

    def work() -> None:
        sweep(at, Scope(clock.pk), actor=ACTOR)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [happened(account) for account in accounts] == [[WARNED]] * 4


def test_payment_and_the_sweep_at_one_moment_end_well(committed_db: str) -> None:
    clock = clocked()
    account, one = debtor(clock)
    at = midnight(DUE + timedelta(days=14), "UTC")
    threads = [
        threading.Thread(target=lambda: (sweep(at, Scope(clock.pk), actor=ACTOR), connections.close_all())),
        threading.Thread(target=lambda: (pay(one, at), connections.close_all())),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    judge(at=times_of([account.pk]), actor=ACTOR)
    assert state(account) == ("CURRENT", "")
