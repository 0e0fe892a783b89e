"""verify_invoices and replay: what is stored holds, each planted fault is found and named, bad words are refused."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from apps.explain import queries
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.models import Invoice
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.resume import resume
from apps.subscriptions.actions.void import void
from apps.usage.actions import correct
from tests import databases
from tests.explain.holding import unexplained
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.factories.tax import registered
from tests.factories.usage import used

pytestmark = pytest.mark.fr("B-03", "B-08")

APRIL = datetime(2026, 4, 1, 9, tzinfo=UTC)


def day(number: int) -> datetime:
    return APRIL + timedelta(days=number - 1)


def lives() -> None:
    """Lines of every kind, inclusive and exclusive, with coupons, credits, notes and a correction."""
    registered("DE")
    for behavior in ("exclusive", "inclusive"):
        small = make_plan(prices={"EUR": 4900}, tax_behavior=behavior)
        large = make_plan(prices={"EUR": 9900}, tax_behavior=behavior)
        account = make_account(country="DE", currency="EUR")
        code = make_coupon(duration="repeating", duration_periods=3).code
        made = make_subscription(account=account, plan=small, at=APRIL, coupon=code, quantity=3)
        for number, plan in ((5, large), (9, small), (15, large)):
            change(subscription_id=made.pk, plan_id=plan.pk, at=day(number), actor=ACTOR)
        first = Invoice.objects.filter(account=account).order_by("pk")[0]
        pause(subscription_id=made.pk, at=day(18), actor=ACTOR)
        resume(subscription_id=made.pk, at=day(22), actor=ACTOR)
        other = make_subscription(plan=small, account=account, at=day(20), billing_anchor_date=date(2026, 5, 7))
        sold = Invoice.objects.filter(account=account, lines__subscription_id=other.pk).get()
        credit_note(invoice_id=sold.pk, amount=1000, reason="sorry", at=day(23), actor=ACTOR)
        change(subscription_id=other.pk, quantity=2, at=day(24), actor=ACTOR)
        third = make_subscription(account=make_account(country="DE", currency="EUR"), plan=small, at=day(3))
        void(
            invoice_id=Invoice.objects.filter(lines__subscription_id=third.pk).get().pk,
            reason="wrong", at=day(4), actor=ACTOR,
        )  # fmt: skip
        assert first.lines.get().discount_amount


def metered() -> None:
    """Usage with a minimum that it does not reach, a plan that is changed, and an event that was void before."""
    tiers = [{"up_to": "10", "unit_price": "0"}, {"unit_price": "1.5"}]
    charge = {"key": "calls", "metric": "api_calls", "model": "graduated"}
    plans = [
        make_plan(
            prices={"EUR": 4900},
            charges=[{**charge, "prices": {"EUR": {"tiers": tiers[skip:], "minimum": 5000}}}],
        )
        for skip in (0, 1)
    ]
    account = make_account(country="DE", currency="EUR")
    made = make_subscription(account=account, plan=plans[0], at=APRIL)
    gone = used(made.pk, "500", timestamp=day(2)).stored[0]
    used(made.pk, "17.5", "4", timestamp=day(3))
    correct.void(event_id=gone, reason="twice", at=day(5), actor=ACTOR)
    change(subscription_id=made.pk, plan_id=plans[1].pk, at=day(9), actor=ACTOR)
    used(made.pk, "7", timestamp=day(9))
    renew([made.pk], at=day(31), actor=ACTOR)


@pytest.fixture
def as_owner(committed_db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Those lives, seen by the role that may switch triggers off."""
    lives()
    metered()
    connections.close_all()
    owner = urlsplit(databases.owner_url())
    for name, value in (("USER", unquote(owner.username or "")), ("PASSWORD", unquote(owner.password or ""))):
        monkeypatch.setitem(connection.settings_dict, name, value)
    yield
    connections.close_all()


@contextmanager
def planted(fault: str) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("invoices_invoice", "invoices_line", "invoices_taxline"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(fault)
        assert cursor.rowcount == 1, fault
        yield
        transaction.set_rollback(True)


def run(command: str, capsys: Any, *arguments: str) -> tuple[int, str]:
    try:
        call_command(command, *arguments)
    except SystemExit as end:
        return int(str(end.code)), capsys.readouterr().out
    return 0, capsys.readouterr().out


def of_line(change: str, where: str = "kind = 'recurring'") -> str:
    """A change of the first such line."""
    return f"UPDATE invoices_line SET {change} WHERE id = (SELECT id FROM invoices_line WHERE {where} LIMIT 1)"


def of_invoice(change: str) -> str:
    """A change of an invoice."""
    return f"UPDATE invoices_invoice SET {change} WHERE id = (SELECT id FROM invoices_invoice WHERE tax > 0 LIMIT 1)"


FAULTS = {
    "amount": of_line("amount = amount + 1"),
    "a charge for a part": of_line("amount = amount - 1", "kind = 'proration_charge'"),
    "a credit": of_line("amount = amount - 1", "kind = 'proration_credit'"),
    "discount": of_line("discount_amount = 7", "discount_amount > 0"),
    "tax of a line": of_line("tax_amount = tax_amount - 1", "tax_amount > 0"),
    "rate": of_line("tax_rate = 7"),
    "price": of_line("unit_amount = 5000"),
    "quantity": of_line("quantity = 9"),
    "days": of_line("service_days = daterange(lower(service_days), upper(service_days) - 1)"),
    "the full period": of_line("source = jsonb_set(source, '{full_period,1}', '\"2026-05-02\"')"),
    "what a coupon gave": of_line("source = jsonb_set(source, '{discounts,0,amount}', '1')", "source ? 'discounts'"),
    "a part of usage": of_line("breakdown = jsonb_set(breakdown, '{1,amount}', '99')", "kind = 'usage'"),
    "what usage came to": of_line("amount = amount + 1", "kind = 'usage'"),
    "what was missing": of_line("amount = amount + 1", "kind = 'minimum'"),
    "days lost before": of_line("source = jsonb_set(source, '{lost_before}', '25')", "kind = 'proration_credit'"),
    # A CHECK keeps the sum right: what is planted has to add up.
    "subtotal": of_invoice("total = total + 1, subtotal = subtotal + 1"),
    "discount of all": of_invoice("total = total - 1, discount = discount + 1"),
    "tax": of_invoice("total = total + 1, tax = tax + 1"),
}
ONLY_DERIVED = {
    "what was counted": of_line("quantity = quantity + 1", "kind = 'usage'"),
    "how many events": of_line("source = jsonb_set(source, '{events}', '9')", "kind = 'usage'"),
    "a row of the breakdown": "UPDATE invoices_taxline SET amount = amount + 1"
    " WHERE id = (SELECT id FROM invoices_taxline WHERE amount > 0 LIMIT 1)",
    "what was taxed": "UPDATE invoices_taxline SET taxable_amount = taxable_amount + 1"
    " WHERE id = (SELECT id FROM invoices_taxline LIMIT 1)",
}
"""What billing again does not read."""


def test_all_holds_and_each_fault_is_found(as_owner: None, capsys: Any) -> None:
    assert unexplained() == []
    count = Invoice.objects.count()
    kinds = {line.kind for invoice in Invoice.objects.all() for line in invoice.lines.all()}
    assert kinds >= {"recurring", "proration_charge", "proration_credit", "credit_to_balance", "usage", "minimum"}
    for command in ("verify_invoices", "replay"):
        ended, said = run(command, capsys)
        assert (ended, f"All {count} invoices" in said) == (0, True)
    for name, fault in {**FAULTS, **ONLY_DERIVED}.items():
        with planted(fault):
            ended, said = run("verify_invoices", capsys)
            assert (ended, "INV-2026-" in said, " is " in said) == (1, True, True), name
            if name in FAULTS:
                ended, said = run("replay", capsys)
                assert (ended, "INV-2026-" in said) == (1, True), name
    assert unexplained() == []


def test_json_and_what_is_asked_for(as_owner: None, capsys: Any) -> None:
    with planted(FAULTS["subtotal"]):
        ended, said = run("verify_invoices", capsys, "--json")
        *bad, whole = [json.loads(line) for line in said.splitlines()]
        assert (ended, len(bad), whole["ok"], whole["differing"]) == (1, 1, False, 1)
        assert [difference["figure"] for difference in bad[0]["differences"]] == ["subtotal", "total"]
        assert all(int(each["stored"]) == int(each["derived"]) + 1 for each in bad[0]["differences"])
        invoice = Invoice.objects.get(pk=bad[0]["invoice_id"])
        assert run("verify_invoices", capsys, f"--account={invoice.account_id}")[0] == 1
        assert run("verify_invoices", capsys, "--since=2026-05-01")[0] == 0


@pytest.mark.parametrize("given", ["--account=x", "--since=yesterday", "--since=2026-13-01"])
def test_what_is_no_account_and_no_day(given: str) -> None:
    with pytest.raises(CommandError, match=r"no id of an account|no day"):
        call_command("verify_invoices", given)


@pytest.mark.django_db
def test_a_batch_costs_the_same_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    lives()
    invoices = [invoice for batch in queries.batches(size=3) for invoice in batch]
    assert [invoice.pk for invoice in invoices] == sorted(Invoice.objects.values_list("pk", flat=True))
    counts = []
    for size in (len(invoices) // 2, len(invoices)):
        with CaptureQueriesContext(connection) as asked:
            queries.inputs(invoices[:size])
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 9
