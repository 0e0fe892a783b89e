"""Credit that staff put against an open invoice: as at finalisation, once, and never with a payment under way."""

from datetime import timedelta
from typing import Any

import pytest

from apps.credits.models import Use
from apps.events.models import Event
from apps.invoices.actions import apply as applying
from apps.invoices.actions.apply import apply_now
from apps.invoices.actions.settle import record_payment
from apps.invoices.models import Invoice
from apps.invoices.queries import balances
from apps.kernel.errors import DomainError
from apps.kernel.ids import uuid7
from apps.monitoring.invariants import broken
from tests.accounts.calls import Api
from tests.factories.credits import credit
from tests.factories.invoices import ACTOR, AT, invoice, payer

pytestmark = pytest.mark.django_db


def refused(one: Invoice) -> str:
    with pytest.raises(DomainError) as refusal:
        apply_now(invoice_id=one.pk, at=AT, actor=ACTOR)
    return refusal.value.code


@pytest.mark.fr("FR-095")
def test_it_pays_what_it_can_soonest_expiring_first() -> None:
    account = payer()
    one = invoice(account=account)
    late = credit(account, 300)
    soon = credit(account, 200, expires_at=AT + timedelta(days=9))
    applied = apply_now(invoice_id=one.pk, at=AT, actor=ACTOR)
    assert (applied.status, balances([one.pk])[one.pk].balance) == ("OPEN", one.total - 500)
    assert list(Use.objects.order_by("pk").values_list("grant_id", "amount")) == [(soon.pk, 200), (late.pk, 300)]
    assert Event.objects.filter(event_type="credit.applied").count() == 2
    assert refused(one) == "no_credit_left"
    credit(account, one.total)
    applied = apply_now(invoice_id=one.pk, at=AT, actor=ACTOR)
    assert (applied.status, applied.paid_at) == ("PAID", AT)
    assert Event.objects.filter(event_type="invoice.paid", object_id=one.pk).count() == 1
    assert (refused(one), broken()) == ("invoice_not_open", [])


def test_credit_that_is_lost_or_of_somebody_else_is_not_used() -> None:
    account = payer()
    one = invoice(account=account)
    credit(account, 300, expires_at=AT + timedelta(days=1))
    credit(payer(), 300)
    with pytest.raises(DomainError):
        apply_now(invoice_id=one.pk, at=AT + timedelta(days=2), actor=ACTOR)
    assert not Use.objects.exists()


def test_nothing_is_put_where_nothing_is_owed() -> None:
    done = invoice()
    record_payment(invoice_id=done.pk, payment_id=uuid7(), amount=done.total, paid_at=AT, actor=ACTOR)
    assert refused(done) == "invoice_not_open"
    with pytest.raises(DomainError) as missing:
        apply_now(invoice_id=uuid7(), at=AT, actor=ACTOR)
    assert missing.value.code == "invoice_not_found"


@pytest.mark.fr("FR-095")
@pytest.mark.parametrize(("role", "status"), [("super_admin", 200), ("support_rep", 200), ("finance_viewer", 403)])
def test_over_the_api(role: str, status: int, settings: Any) -> None:
    account = payer()
    one = invoice(account=account)
    credit(account, 100)
    answer = Api(role).post(f"/invoices/{one.pk}/apply-credit", {})
    assert answer.status_code == status
    if status == 200:
        assert (answer.json()["credits_applied"], answer.json()["balance"]) == (100, one.total - 100)
        again = Api(role).post(f"/invoices/{one.pk}/apply-credit", {})
        assert (again.status_code, again.json()["code"]) == (409, "no_credit_left")


def test_a_payment_under_way_counts_as_paid_and_a_credit_pays_an_invoice_once(monkeypatch: pytest.MonkeyPatch) -> None:
    account = payer()
    one = invoice(account=account)
    first = credit(account, 1000)
    monkeypatch.setattr(applying, "under_way", lambda ids: dict.fromkeys(ids, one.total))
    assert refused(one) == "payment_under_way"
    monkeypatch.setattr(applying, "under_way", lambda ids: dict.fromkeys(ids, one.total - 400))
    apply_now(invoice_id=one.pk, at=AT, actor=ACTOR)
    assert Use.objects.get().amount == 400
    monkeypatch.undo()
    assert refused(one) == "no_credit_left"
    second = credit(account, 50)
    apply_now(invoice_id=one.pk, at=AT, actor=ACTOR)
    assert list(Use.objects.order_by("pk").values_list("grant_id", "amount")) == [(first.pk, 400), (second.pk, 50)]
    assert broken() == []
