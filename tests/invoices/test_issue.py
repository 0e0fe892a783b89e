"""Issuing: figures, numbers, dates, what is written and announced."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.events.models import Event
from apps.invoices.actions.issue import issue
from apps.invoices.models import Invoice, Line, NumberSeries, TaxLine
from apps.invoices.objects import invoice_objects
from apps.invoices.rules import Kind, LineKind, Status
from apps.kernel.errors import DomainError
from apps.kernel.money import MAX_AMOUNT
from apps.kernel.transactions import FEW, unit_of_work
from apps.ledger.models import Posting
from apps.rest.objects import builtins
from apps.tax.rules import AppliedRate, Behavior
from tests.factories.invoices import ACTOR, APRIL, AT, draft, invoice, issued, line, payer
from tests.factories.tax import registered

pytestmark = pytest.mark.django_db


def postings() -> dict[str, int]:
    return dict(Posting.objects.values_list("ledger_account", "amount"))


@pytest.mark.fr("FR-044", "FR-048")
def test_an_issued_invoice_is_final_with_its_lines_as_rows():
    subscription = uuid4()
    account = payer(timezone="Europe/Berlin", name="Grace", tax_id="DE123", address={"city": "Bonn"})
    [one] = issued(
        [draft(account, line(4900, subscription_id=subscription, plan_version=2), subscription_id=subscription)]
    )
    assert (one.status, one.number, one.total, one.currency) == (Status.OPEN, "INV-2026-000001", 4900, "USD")
    assert one.bill_to["name"] == "Grace"
    assert one.bill_to["tax_id"] == "DE123"
    row = Line.objects.get(invoice=one)
    assert (row.kind, row.description, row.quantity, row.unit_amount, row.amount) == (
        "recurring", "Pro, April 2026", 1, 4900, 4900,
    )  # fmt: skip
    assert (row.service_days.lower, row.service_days.upper) == (APRIL.start, APRIL.end)
    assert row.period_start == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert row.period_end == datetime(2026, 4, 30, 22, tzinfo=UTC)
    assert (row.subscription_id, row.plan_version, row.source) == (subscription, 2, {"price": "pro"})


def test_the_event_carries_the_very_object_the_api_shows():
    registered("DE")
    account = payer(country="DE")
    [one] = issued([draft(account, line(4900, unit_amount=Decimal("4900.5"), breakdown=[{"up_to": Decimal("1.5")}]))])
    [event] = Event.objects.filter(event_type="invoice.created")
    assert event.data["object"] == builtins(invoice_objects([one])[0])
    assert (event.object_id, event.account_id, event.effective_at) == (one.pk, account.pk, AT)


@pytest.mark.fr("FR-042")
def test_numbers_follow_the_drafts_and_start_anew_each_year():
    account = payer()
    first = issued([draft(account), draft(account)])
    later = issued([draft(account)], at=datetime(2027, 1, 1, tzinfo=UTC))
    again = issued([draft(account)])
    assert [one.number for one in (*first, *later, *again)] == [
        "INV-2026-000001", "INV-2026-000002", "INV-2027-000001", "INV-2026-000003",
    ]  # fmt: skip


def test_one_batch_may_span_two_years():
    east, west = payer(timezone="Pacific/Auckland"), payer(timezone="America/New_York")
    at = datetime(2026, 12, 31, 18, tzinfo=UTC)
    assert [one.number for one in issued([draft(east), draft(west), draft(east)], at=at)] == [
        "INV-2027-000001", "INV-2026-000001", "INV-2027-000002",
    ]  # fmt: skip


def test_a_refused_batch_takes_no_number():
    account = payer()
    with pytest.raises(DomainError):
        issued([draft(account), draft(account, line(-1), kind=Kind.ONE_OFF)])
    assert not NumberSeries.objects.exists()
    assert invoice(account=account).number == "INV-2026-000001"


@pytest.mark.fr("FR-053")
@pytest.mark.parametrize(("terms", "due"), [(None, date(2026, 5, 2)), (0, date(2026, 4, 2)), (14, date(2026, 4, 16))])
def test_due_after_the_net_terms_from_the_local_issue_date(terms, due):
    one = invoice(account=payer(timezone="Pacific/Auckland", net_terms_days=terms))
    assert (one.issue_date, one.due_date) == (date(2026, 4, 2), due)


def test_each_account_has_its_own_time():
    early, late = payer(), payer()
    at = {early.pk: AT, late.pk: datetime(2026, 6, 1, tzinfo=UTC)}
    assert [one.issue_date for one in issued([draft(early), draft(late)], at=at)] == [AT.date(), date(2026, 6, 1)]


@pytest.mark.fr("FR-101")
def test_tax_is_broken_down_on_the_invoice():
    registered("DE")
    account = payer(country="DE", currency="EUR")
    [one] = issued([draft(account, line(333), line(333), line(334, kind=LineKind.USAGE))])
    assert (one.subtotal, one.tax, one.total) == (1000, 190, 1190)
    row = TaxLine.objects.get(invoice=one)
    assert (row.jurisdiction, row.name, row.rate, row.taxable_amount, row.amount) == ("DE", "VAT", 19, 1000, 190)
    assert postings() == {"receivable": 1190, "deferred_revenue": -666, "revenue": -334, "tax_payable": -190}


@pytest.mark.fr("FR-099")
def test_an_exempt_account_pays_no_tax_and_the_invoice_says_why():
    registered("DE")
    one = invoice(account=payer(country="DE", tax_exempt=True))
    assert (one.tax, one.total) == (0, 4900)
    assert TaxLine.objects.get(invoice=one).reason == "exempt"
    assert invoice_objects([one])[0].tax_breakdown[0].reason == "exempt"


def test_inclusive_prices_and_discounts_add_up_net():
    registered("DE")
    one = invoice(11900, account=payer(country="DE"), tax_behavior=Behavior.INCLUSIVE, discount_amount=1190)
    assert (one.subtotal, one.discount, one.tax, one.total) == (10000, 1000, 1710, 10710)


def test_reversed_lines_carry_their_rate():
    registered("FR")
    carried = AppliedRate("DE", "VAT", Decimal(19))
    account = payer(country="FR", currency="EUR")
    credit = line(-2613, kind=LineKind.PRORATION_CREDIT, carried=carried)
    [one] = issued([draft(account, credit, line(5280, kind=LineKind.PRORATION_CHARGE))])
    assert (one.subtotal, one.tax, one.total) == (2667, 560, 3227)


def test_a_total_of_nothing_is_paid_at_once():
    one = invoice(4900, discount_amount=4900)
    assert (one.status, one.total, one.paid_at) == (Status.PAID, 0, AT)
    assert list(Event.objects.filter(object_id=one.pk).order_by("id").values_list("event_type", flat=True)) == [
        "invoice.created", "invoice.paid",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line(100), line(-101)], "total_negative"),
        ([line(MAX_AMOUNT + 1)], "amount_too_large"),
        ([line(MAX_AMOUNT), line(1)], "amount_too_large"),
    ],
)
def test_refused(lines, code):
    with pytest.raises(DomainError) as refusal:
        issued([draft(payer(), *lines, kind=Kind.ONE_OFF)])
    assert refusal.value.code == code
    assert refusal.value.hint


def test_an_account_is_billed_in_its_own_currency():
    with pytest.raises(DomainError) as refusal:
        issued([draft(payer(), currency="EUR")])
    assert refusal.value.code == "currency_mismatch"


def test_an_unknown_account_is_refused():
    account = payer()
    account.pk = uuid4()
    with pytest.raises(DomainError) as refusal:
        issued([draft(account)])
    assert refusal.value.code == "account_unknown"


def test_nothing_to_issue_writes_nothing():
    with unit_of_work(ACTOR):
        assert issue([], at=AT, actor=ACTOR) == []


def test_answers_in_the_order_of_the_drafts():
    accounts = [payer() for _ in range(3)]
    with unit_of_work(ACTOR):
        made = issue([draft(one, line(), line()) for one in accounts], at=AT, actor=ACTOR)
    for account, one in zip(accounts, made, strict=True):
        row = Invoice.objects.get(pk=one.invoice_id)
        assert (row.account_id, row.number, row.status, row.total) == (account.pk, one.number, one.status, one.total)
        assert tuple(row.lines.values_list("pk", flat=True)) == one.line_ids


def test_a_thousand_take_as_many_queries_as_one():
    registered("DE")
    accounts = [payer(country="DE") for _ in range(3)]

    def queries(drafts):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            issued(drafts)
        return len(captured)

    queries([draft(accounts[0])])
    several = [draft(accounts[index % 3], line(), line()) for index in range(60)]
    # A few events and their deliveries are one statement.
    assert queries([draft(accounts[0])]) + 2 == queries(several[: FEW + 1]) == queries(several)
