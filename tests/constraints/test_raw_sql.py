"""What PostgreSQL itself refuses, whoever asks: a row like one that is there, but for what must not be."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from apps.coupons.models import CouponUse
from apps.invoices.actions.credit_note import credit_note
from apps.invoices.actions.one_off import Sale, add_pending
from apps.invoices.actions.write_off import write_off
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.subscriptions.actions.cancel import cancel
from tests.backoffice.world import world
from tests.factories.coupons import make_coupon
from tests.factories.invoices import ACTOR, invoice
from tests.factories.subscriptions import make_subscription

pytestmark = pytest.mark.django_db

TOO_MUCH = "1000000000000001"
ATTACKS: dict[str, tuple[str, dict[str, str]]] = {
    # Accounts and clocks
    "accounts_account_invoice_grouping": ("accounts_account", {"invoice_grouping": "'week'"}),
    "accounts_account_overdue_status": ("accounts_account", {"overdue_status": "'LATE'"}),
    "clocks_testclock_status": ("clocks_testclock", {"status": "'STOPPED'"}),
    # Subscriptions
    "subscriptions_one_live_per_plan": ("subscriptions_subscription", {"external_key": "NULL"}),
    "subscriptions_status_known": ("subscriptions_subscription", {"status": "'ASLEEP'", "next_billing_at": "NULL"}),
    "subscriptions_quantity_positive": ("subscriptions_subscription", {"quantity": "0"}),
    "subscriptions_next_billing_while_billing": ("subscriptions_subscription", {"next_billing_at": "NULL"}),
    "subscriptions_pause_known": ("subscriptions_subscription", {"paused_on": "start_date"}),
    "subscriptions_ends_after_start": ("subscriptions_subscription", {"ends_on": "start_date"}),
    "subscriptions_cancelled_at_some_time": ("subscriptions_subscription", {"cancelled_at": "now()"}),
    "subscriptions_each_day_billed_once": ("subscriptions_billedperiod", {}),
    "subscriptions_billed_days": ("subscriptions_billedperiod", {"days": "'empty'"}),
    "subscriptions_change_kind_known": ("subscriptions_scheduledchange", {"kind": "'sleep'", "outcome": "'removed'"}),
    "subscriptions_change_outcome_known": ("subscriptions_scheduledchange", {"outcome": "'lost'"}),
    "subscriptions_one_waiting_change": ("subscriptions_scheduledchange", {}),
    "subscriptions_run_status_known": ("subscriptions_billingrun", {"status": "'STUCK'", "finished_at": "NULL"}),
    "subscriptions_run_finished": ("subscriptions_billingrun", {"finished_at": "NULL"}),
    "subscriptions_one_failure_per_run": ("subscriptions_runfailure", {}),
    "subscriptions_move_behavior_known": ("subscriptions_bulkmove", {"proration_behavior": "'half'"}),
    "subscriptions_one_move_per_plan": ("subscriptions_bulkmove", {}),
    # Invoices. What is issued is sealed: rows of drafts are what can be tried.
    "invoices_invoice_kind_known": ("invoices_invoice", {"kind": "'gift'", "number": "'X-1'"}),
    "invoices_invoice_currency_known": ("invoices_invoice", {"currency": "'XXX'", "number": "'X-2'"}),
    "invoices_invoice_numbered": ("invoices_invoice", {"number": "NULL"}),
    "invoices_invoice_paid_at": ("invoices_invoice", {"status": "'PAID'", "number": "'X-3'"}),
    "invoices_invoice_voided_at": ("invoices_invoice", {"status": "'VOID'", "number": "'X-4'"}),
    "invoices_invoice_adds_up": ("invoices_invoice", {"total": "total + 1", "number": "'X-5'"}),
    "invoices_invoice_bounded": (
        "invoices_invoice",
        {"subtotal": TOO_MUCH, "discount": "0", "tax": "0", "total": TOO_MUCH, "number": "'X-6'"},
    ),
    "invoices_settlement_kind_known": ("invoices_settlement", {"kind": "'barter'"}),
    "invoices_settlement_once": ("invoices_settlement", {}),
    "invoices_settlement_excess": ("invoices_settlement", {"excess": "-1", "source_id": "gen_random_uuid()"}),
    "invoices_settlement_sign": ("invoices_settlement", {"amount": "-1", "source_id": "gen_random_uuid()"}),
    "invoices_note_adds_up": ("invoices_creditnote", {"total": "total + 1", "number": "'CN-X'"}),
    "invoices_note_goes_somewhere": ("invoices_creditnote", {"settled": "settled + 1", "number": "'CN-Y'"}),
    "invoices_note_number": ("invoices_creditnote", {}),
    "invoices_writeoff_amount": ("invoices_writeoff", {"amount": "0", "reversed_at": "now()"}),
    "invoices_writeoff_one_stands": ("invoices_writeoff", {}),
    "invoices_pending_one_fate": ("invoices_pendingitem", {"removed_at": "now()", "invoice_id": "gen_random_uuid()"}),
    "invoices_pending_due_of_a_subscription": (
        "invoices_pendingitem",
        {"invoice_at": "now()", "subscription_id": "NULL"},
    ),
    # Credits and coupons
    "credits_grant_amount": ("credits_grant", {"amount": "0"}),
    "credits_grant_currency_known": ("credits_grant", {"currency": "'XXX'"}),
    "credits_grant_source_known": ("credits_grant", {"source": "'luck'"}),
    "credits_use_amount": ("credits_use", {"amount": "0"}),
    "credits_use_kind": ("credits_use", {"kind": "'gift'"}),
    "coupons_coupon_duration": ("coupons_coupon", {"duration": "'weekly'", "code": "'X'"}),
    "coupons_coupon_off": ("coupons_coupon", {"percent_off": "NULL", "code": "'Y'"}),
    "coupons_use_amount": ("coupons_couponuse", {"amount": "-1", "invoice_id": "gen_random_uuid()"}),
    "coupons_use_once": ("coupons_couponuse", {}),
    "coupons_attachment_once": ("coupons_attachment", {}),
    # Payments
    "payments_amount_positive": ("payments_payment", {"amount": "0"}),
    "payments_status_known": ("payments_payment", {"status": "'MAYBE'"}),
    "payments_method_status": ("payments_paymentmethod", {"status": "'LOST'", "is_default": "false"}),
    "payments_difference_once": ("payments_difference", {}),
    "payments_difference_known": ("payments_difference", {"kind": "'rumour'"}),
    "payments_difference_closed": ("payments_difference", {"status": "'DISMISSED'", "subject": "'pi_x'"}),
    "payments_movement_side": ("payments_gatewaymovement", {"side": "'payout'", "gateway_id": "'txn_x'"}),
    "payments_movement_of_a_charge": ("payments_gatewaymovement", {"charge_id": "''", "gateway_id": "'txn_x'"}),
    "payments_gatewaymovement_gateway_id": ("payments_gatewaymovement", {}),
    "payments_look_has_a_span": ("payments_reconciliation", {"until": "since"}),
    "payments_look_ends": ("payments_reconciliation", {"finished_at": "now()", "next_call_at": "now()"}),
    "payments_bankline_digest_key": ("payments_bankline", {}),
    "payments_bankline_amount": ("payments_bankline", {"amount": "0", "digest": "'x'"}),
    "payments_bankline_recorded": ("payments_bankline", {"recorded_at": "now()", "digest": "'x'"}),
    # The books
    "ledger_entry_kind": ("ledger_entry", {"kind": "'rumour'"}),
}
"""Constraint -> the table, and what a copy of a row of it says otherwise."""


@pytest.fixture
def company() -> None:
    """A row in each table."""
    world()
    waits = make_subscription(at=clock.wall())
    cancel(subscription_id=waits.pk, at_period_end=True, at=clock.wall(), actor=ACTOR)
    half = make_subscription(at=clock.wall(), coupon=make_coupon(percent_off=Decimal(50)).code)
    assert CouponUse.objects.exists()
    noted = invoice()
    credit_note(invoice_id=noted.pk, amount=100, reason="late", at=clock.wall(), actor=ACTOR)
    write_off(invoice_id=noted.pk, reason="lost", at=clock.wall() + timedelta(days=1), actor=ACTOR)
    sale = Sale(description="x", unit_amount=Decimal(1))
    add_pending(account_id=half.account_id, sale=sale, at=clock.wall(), actor=ACTOR)


COLUMNS = """
SELECT column_name, data_type FROM information_schema.columns
WHERE table_name = %s AND is_generated = 'NEVER' AND is_identity = 'NO'
    AND coalesce(column_default, '') NOT LIKE 'nextval%%'
ORDER BY ordinal_position
"""


def copied(table: str, changes: dict[str, str]) -> str:
    """The SQL that copies the newest row under an id of its own."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        columns = dict(cursor.fetchall())
    assert set(changes) <= set(columns), (table, columns)
    wanted: dict[str, str] = {name: changes.get(name) or name for name in columns}
    if columns.get("id") == "uuid":
        wanted["id"] = "gen_random_uuid()"
    return (
        f"INSERT INTO {table} ({', '.join(wanted)}) SELECT {', '.join(wanted.values())} FROM {table}"
        f" WHERE {WHICH.get(table, 'true')} ORDER BY id DESC LIMIT 1"
    )


WHICH = {"subscriptions_subscription": "status = 'ACTIVE'", "invoices_invoice": "status = 'OPEN'",
         "subscriptions_scheduledchange": "outcome = 'waiting'", "credits_grant": "source = 'goodwill'",
         "invoices_settlement": "kind = 'credit'", "subscriptions_billingrun": "status = 'FINISHED'",
         "coupons_coupon": "percent_off IS NOT NULL", "payments_paymentmethod": "status = 'ACTIVE'"}  # fmt: skip
"""Of which row a copy is made, where it matters."""


@pytest.mark.fr("B-06")
@pytest.mark.usefixtures("company")
def test_each_constraint_refuses_what_it_is_there_for() -> None:
    wrong = {}
    for name, (table, changes) in ATTACKS.items():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(copied(table, changes))
                added = cursor.rowcount
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                transaction.set_rollback(True)
            wrong[name] = f"{added} rows were written"
        except DatabaseError as error:
            if name not in str(error):
                wrong[name] = str(error).splitlines()[0]
    assert wrong == {}


@pytest.mark.usefixtures("company")
def test_a_copy_that_breaks_nothing_is_written() -> None:
    """So a refusal above is of the constraint, and not of copies."""
    for table, changes in (
        ("accounts_account", {"external_key": "NULL"}),
        ("invoices_settlement", {"source_id": "gen_random_uuid()"}),
        ("subscriptions_billingrun", {}),
    ):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(copied(table, changes))
            assert cursor.rowcount == 1, table
            transaction.set_rollback(True)
    assert Invoice.objects.exists()
