"""Policies are data: published as versions, previewed on real accounts, given to some, one the default."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounts.rules import OverdueStatus as State
from apps.dunning import queries
from apps.dunning.actions import policies
from apps.dunning.forecast import concerned, forecast
from apps.dunning.models import Policy, PolicyVersion
from apps.dunning.rules import DEFAULT, Action, OnExhausted, Step, Terms
from apps.kernel.errors import Conflict, Invalid, NotFound
from tests.factories.dunning import ACTOR, clocked, days_later, debtor, give_up, happened, pay, stand_at, state

pytestmark = pytest.mark.django_db
STRICT = Terms((Step(2, Action.WARN, "payment_warning"), Step(5, Action.BLOCK, "account_blocked")))


def standard() -> Policy:
    return queries.default_policy()


def test_a_new_deployment_has_the_standard() -> None:
    published, default = queries.policies()
    assert (default.terms, default.version.number) == (DEFAULT, 1)
    assert list(published) == [standard().pk]


@pytest.mark.fr("FR-083")
def test_what_is_published_holds_at_once_and_what_was_is_kept() -> None:
    clock = clocked()
    account, _ = debtor(clock)
    days_later(clock, 6)
    assert state(account)[0] == "CURRENT"
    version = policies.publish(policy_id=standard().pk, terms=STRICT, actor=ACTOR)
    assert (version.number, version.actor) == (2, str(ACTOR))
    stand_at(clock, clock.frozen_time)
    assert state(account) == ("BLOCKED", "overdue")
    policies.publish(policy_id=standard().pk, terms=DEFAULT, actor=ACTOR)
    stand_at(clock, clock.frozen_time)
    assert state(account) == ("CURRENT", "")
    assert PolicyVersion.objects.count() == 3
    with pytest.raises(Conflict, match="says this already"):
        policies.publish(policy_id=standard().pk, terms=DEFAULT, actor=ACTOR)


def test_the_preview_says_what_comes() -> None:
    clock = clocked()
    calm, late = debtor(clock, 4900)[0], debtor(clock, 700)[0]
    other, _ = debtor(clock, 9900, currency="EUR", country="DE")
    gentle = policies.create(name="Gentle", terms=Terms((Step(30, Action.WARN),)), actor=ACTOR)
    policies.assign(account_ids=[calm.pk], policy_id=gentle.pk, actor=ACTOR)
    days_later(clock, 6)
    found = forecast(STRICT, concerned(standard().pk, default=True))
    assert found.looked_at == 2
    assert found.counts == {(State.CURRENT, State.BLOCKED): 2}
    assert found.amounts == {(State.CURRENT, State.BLOCKED, "USD"): 700, (State.CURRENT, State.BLOCKED, "EUR"): 9900}
    assert [change.account.pk for change in found.first] == sorted([late.pk, other.pk])
    assert state(late)[0] == "CURRENT", "nothing was written"
    policies.publish(policy_id=standard().pk, terms=STRICT, actor=ACTOR)
    stand_at(clock, clock.frozen_time)
    assert [state(each)[0] for each in (calm, late, other)] == ["CURRENT", "BLOCKED", "BLOCKED"]


def test_a_preview_takes_the_same_queries_for_many() -> None:
    clock = clocked()

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            forecast(STRICT, concerned(standard().pk, default=True))
        return len(captured)

    debtor(clock)
    days_later(clock, 6)
    one = cost()
    for _ in range(8):
        debtor(clock)
    assert cost() == one


def test_an_account_with_a_policy_of_its_own() -> None:
    clock = clocked()
    mine, theirs = debtor(clock)[0], debtor(clock)[0]
    days_later(clock, 6)
    strict = policies.create(name="Strict", terms=STRICT, actor=ACTOR)
    assert policies.assign(account_ids=[mine.pk], policy_id=strict.pk, actor=ACTOR) == 1
    assert (state(mine)[0], state(theirs)[0]) == ("BLOCKED", "CURRENT")
    assert policies.assign(account_ids=[mine.pk], policy_id=strict.pk, actor=ACTOR) == 0
    assert policies.assign(account_ids=[mine.pk], policy_id=None, actor=ACTOR) == 1
    assert state(mine)[0] == "CURRENT"
    assert [kind for kind, _, _ in happened(mine)].count("policy") == 2


def test_another_default_and_only_one() -> None:
    clock = clocked()
    account, _ = debtor(clock)
    days_later(clock, 6)
    strict = policies.create(name="Strict", terms=STRICT, actor=ACTOR)
    policies.make_default(policy_id=strict.pk, actor=ACTOR)
    stand_at(clock, clock.frozen_time)
    assert state(account)[0] == "BLOCKED"
    assert Policy.objects.get(is_default=True).pk == strict.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.filter(name="Standard").update(is_default=True)


@pytest.mark.fr("FR-083")
def test_exhausted_retries_mean_what_the_policy_says() -> None:
    clock = clocked()
    account, one = debtor(clock)
    policies.publish(
        policy_id=standard().pk, terms=replace(DEFAULT, on_retries_exhausted=OnExhausted.NONE), actor=ACTOR
    )
    give_up(one, clock.frozen_time)
    assert state(account) == ("CURRENT", "")
    policies.publish(policy_id=standard().pk, terms=DEFAULT, actor=ACTOR)
    stand_at(clock, clock.frozen_time + timedelta(seconds=1))
    assert state(account) == ("BLOCKED", "retries_exhausted")
    pay(one, clock.frozen_time)
    assert state(account) == ("CURRENT", "")


def test_refusals() -> None:
    with pytest.raises(Invalid) as refused:
        policies.create(name="Bad", terms=Terms((Step(0, Action.REMIND), Step(0, Action.BLOCK))), actor=ACTOR)
    assert {each.pointer for each in refused.value.errors} == {"/steps/0/days", "/steps/0/message", "/steps/1/days"}
    with pytest.raises(Conflict):
        policies.create(name="Standard", terms=DEFAULT, actor=ACTOR)
    for act in (policies.publish, policies.assign, policies.make_default):
        more = {"terms": STRICT} if act is policies.publish else {}
        more |= {"account_ids": []} if act is policies.assign else {}
        with pytest.raises(NotFound):
            act(policy_id=UUID(int=1), actor=ACTOR, **more)  # type: ignore[operator]
