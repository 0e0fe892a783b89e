"""Cards that expire, are renewed by their banks, or are taken off at the gateway."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.clocks.actions import create
from apps.events.models import Event
from apps.kernel.schedule import Scope
from apps.payments import due
from apps.payments.models import PaymentMethod
from apps.payments.rules import last_month
from tests.factories.invoices import payer
from tests.factories.payments import ACTOR, attach, known_method, run_sweep
from tests.payments.signed import deliver, endpoint
from tests.stripe_sandbox.conftest import Sandbox

MARCH = datetime(2028, 3, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_a_card_in_its_last_month_is_announced_once() -> None:
    mine = Scope(create(name="life", frozen_time=datetime(2026, 1, 1, tzinfo=UTC), actor=ACTOR).pk)
    account = payer(test_clock_id=mine.clock_id)
    fields = {"card_exp_month": 3, "card_exp_year": 2028, "tell_expiry_at": last_month(2028, 3)}
    method = known_method(account, **fields)
    known_method(payer(), **fields)
    before = datetime(2028, 2, 29, 23, 59, tzinfo=UTC)
    assert due.earliest_expiring(before, mine) is None
    assert due.following_expiring(before, MARCH, mine) == MARCH
    assert due.earliest_expiring(MARCH, mine) == MARCH
    assert [due.run_expiring(MARCH, mine) for _ in range(2)] == [1, 0]
    event = Event.objects.get(event_type="payment_method.expiring")
    assert (event.object_id, event.effective_at) == (method.pk, MARCH)
    assert event.data["object"]["card_exp_year"] == 2028
    assert due.earliest_expiring(MARCH, Scope()) == MARCH, "the other account's clock is its own"


def test_what_does_not_expire_has_no_last_month() -> None:
    assert last_month(None, None) is None


def test_renewed_it_is_announced_for_its_new_month(books: str, sandbox: Sandbox, client: Any, settings: Any) -> None:
    method = attach(payer())
    assert method.tell_expiry_at == last_month(method.card_exp_year, method.card_exp_month)
    endpoint(settings)
    changed = {"card": {"exp_month": 7, "exp_year": 2040}}
    sandbox.client().v1.payment_methods.update(str(method.gateway_id), changed)
    assert deliver(client, "payment_method.updated", str(method.gateway_id)).status_code == 200
    run_sweep()
    method.refresh_from_db()
    assert method.tell_expiry_at == datetime(2040, 7, 1, tzinfo=UTC)


@pytest.mark.fr("FR-011", "FR-061")
def test_taken_off_at_the_gateway_it_is_off_here(books: str, sandbox: Sandbox, client: Any, settings: Any) -> None:
    account = payer()
    first, second = attach(account), attach(account, "pm_card_mastercard")
    endpoint(settings)
    sandbox.client().v1.payment_methods.detach(str(first.gateway_id))
    for _ in range(2):
        assert deliver(client, "payment_method.detached", str(first.gateway_id)).status_code == 200
    run_sweep()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.next_call_at, first.tell_expiry_at) == ("DETACHED", None, None)
    assert (second.status, second.is_default) == ("ACTIVE", True)
    assert Event.objects.filter(event_type="payment_method.detached").count() == 1
    assert PaymentMethod.objects.filter(account=account, is_default=True).count() == 1
