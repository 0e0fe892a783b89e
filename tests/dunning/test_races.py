"""Two workers, and a payment in the middle of a sweep; commits are real."""

import threading
from datetime import timedelta

from django.db import connections

from apps.dunning.actions import policies
from apps.dunning.actions.hold import hold
from apps.dunning.actions.judge import judge
from apps.dunning.actions.sweep import sweep
from apps.dunning.models import Hold
from apps.dunning.queries import default_policy, times_of
from apps.dunning.rules import Action, Step, Terms
from apps.kernel.errors import Conflict
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


def test_two_who_hold_at_once_make_one_hold(committed_db: str) -> None:
    account, _ = debtor(clocked(), card=True)
    said: list[str] = []

    def work(reason: str) -> None:
        try:
            hold(account_id=account.pk, reason=reason, actor=ACTOR)
        except Conflict as refusal:
            said.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[reason]) for reason in ("One", "Another")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Hold.objects.count(), said) == (1, ["on_hold_already"])
    assert happened(account) == [("hold", "CURRENT", "")]


def test_two_versions_published_at_once_are_two_versions(committed_db: str) -> None:
    policy, said = default_policy(), []

    def work(days: int) -> None:
        terms = Terms((Step(days, Action.WARN),))
        said.append(policies.publish(policy_id=policy.pk, terms=terms, actor=ACTOR).number)
        connections.close_all()

    threads = [threading.Thread(target=work, args=[days]) for days in (5, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [2, 3]
