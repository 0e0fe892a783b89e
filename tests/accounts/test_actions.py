"""Making and changing accounts: defaults, refusals, events, the audit log, two at once."""

from datetime import UTC, datetime
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction

from apps.accounts import actions
from apps.accounts.models import Account
from apps.accounts.objects import account_objects
from apps.accounts.queries import lock
from apps.accounts.rules import OverdueStatus
from apps.audit.models import Entry
from apps.clocks.actions import create as make_clock
from apps.events.models import Event
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, DomainError, Invalid, NotFound, PreconditionFailed
from apps.kernel.transactions import unit_of_work
from apps.rest.objects import builtins
from tests.factories.accounts import ACTOR, AT, make_account

LATER = datetime(2026, 4, 2, tzinfo=UTC)


def change(account: Account, *, expected: int | None = None, actor: Actor = ACTOR, **changes: Any) -> Account:
    return actions.update(account_id=account.pk, changes=changes, expected_version=expected, at=LATER, actor=actor)


@pytest.mark.fr("FR-001", "FR-009")
@pytest.mark.django_db
def test_email_and_name_are_enough(settings: Any) -> None:
    settings.BILLING_CURRENCY, settings.BILLING_TIMEZONE = "EUR", "Europe/Berlin"
    settings.BILLING_COUNTRY, settings.BILLING_LOCALE = "DE", "de_DE"
    account = make_account()
    account.refresh_from_db()
    assert (account.currency, account.timezone, account.country, account.locale) == (
        "EUR",
        "Europe/Berlin",
        "DE",
        "de_DE",
    )
    assert (account.tax_exempt, account.external_key, account.version, account.metadata) == (False, None, 1, {})
    assert account.overdue_status == OverdueStatus.CURRENT


@pytest.mark.django_db
def test_created_is_announced_as_it_stands_in_the_database() -> None:
    account = make_account(metadata={"z": 1, "a": [True, None]}, address={"city": "Rome"}, tax_exempt=True)
    event = Event.objects.get()
    stored = builtins(account_objects([Account.objects.get()])[0])
    assert (event.event_type, event.object_id, event.account_id, event.effective_at) == (
        "account.created", account.pk, account.pk, AT,
    )  # fmt: skip
    assert event.data == {"object": stored, "previous_attributes": None}


@pytest.mark.django_db
def test_updated_carries_the_former_values_of_what_changed() -> None:
    account = make_account(metadata={"tier": "gold"})
    changed = change(account, name="Eve", metadata={"tier": "iron"}, email="ada@example.com")
    event = Event.objects.get(event_type="account.updated")
    assert event.data["previous_attributes"] == {"name": "Ada", "metadata": {"tier": "gold"}}
    assert event.data["object"] == builtins(account_objects([Account.objects.get()])[0])
    assert (event.effective_at, changed.version) == (LATER, 2)
    assert changed.updated_at > account.updated_at


@pytest.mark.django_db
def test_what_another_app_shows_is_a_version_of_the_account() -> None:
    account = make_account()
    with unit_of_work(ACTOR):
        locked = lock([account.pk])[account.pk]
        changed = actions.shown_changed(locked, previous_attributes={"default_payment_method_id": None}, at=LATER)
    event = Event.objects.get(event_type="account.updated")
    assert event.data["previous_attributes"] == {"default_payment_method_id": None}
    assert event.data["object"] == builtins(account_objects([Account.objects.get()])[0])
    assert (event.effective_at, changed.version) == (LATER, 2)
    assert changed.updated_at > account.updated_at


@pytest.mark.django_db
def test_equal_content_changes_nothing(django_assert_num_queries: Any) -> None:
    account = make_account(metadata={"a": {"y": 1, "x": 2}}, external_key="k")
    with django_assert_num_queries(4):  # savepoint, actor, lock, release
        same = change(
            account, name="Ada", metadata={"a": {"x": 2, "y": 1}}, external_key="k", currency=account.currency
        )
    assert (same.version, same.updated_at) == (1, account.updated_at)
    assert Event.objects.filter(event_type="account.updated").count() == 0
    assert Entry.objects.filter(table_name="accounts_account", operation="UPDATE").count() == 0


@pytest.mark.django_db
def test_a_boolean_for_a_number_is_a_change() -> None:
    changed = change(make_account(metadata={"a": 1}), metadata={"a": True})
    assert changed.metadata["a"] is True
    assert changed.version == 2


@pytest.mark.fr("FR-006")
@pytest.mark.django_db
def test_every_change_is_in_the_audit_log() -> None:
    account = make_account(actor=Actor("user", "7"))
    change(account, name="Eve", net_terms_days=10, actor=Actor("api_key", "9"))
    made, changed = Entry.objects.filter(table_name="accounts_account").order_by("id")
    assert (made.operation, made.actor, made.row_id, made.before) == ("INSERT", "user:7", str(account.pk), None)
    assert (made.after["name"], made.after["email"]) == ("Ada", "ada@example.com")
    assert (changed.operation, changed.actor) == ("UPDATE", "api_key:9")
    assert (changed.before["name"], changed.before["net_terms_days"], changed.before["version"]) == ("Ada", None, 1)
    assert (changed.after["name"], changed.after["net_terms_days"], changed.after["version"]) == ("Eve", 10, 2)
    assert set(changed.after) == {"name", "net_terms_days", "version", "updated_at"}
    assert changed.at >= made.at


@pytest.mark.fr("FR-006")
@pytest.mark.django_db
def test_changes_outside_our_code_are_logged_too() -> None:
    account = make_account()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('billing.actor', '', true)")
        cursor.execute("UPDATE accounts_account SET name = 'Mallory' WHERE id = %s", [account.pk])
    entry = Entry.objects.filter(table_name="accounts_account").latest("id")
    assert entry.actor.startswith("sql:")
    assert (entry.before, entry.after) == ({"name": "Ada"}, {"name": "Mallory"})


@pytest.mark.fr("FR-102", "FR-106")
@pytest.mark.django_db
def test_the_currency_is_fixed() -> None:
    account = make_account(currency="EUR")
    with pytest.raises(Conflict) as refused:
        change(account, currency="USD", name="Eve")
    assert refused.value.code == "currency_fixed"
    assert Account.objects.get().name == "Ada"


@pytest.mark.django_db
def test_refusals_leave_nothing_behind() -> None:
    account, other = make_account(external_key="a"), make_account(external_key="b")
    for expected, code, act in [
        (NotFound, "account_not_found", lambda: change(Account(pk=uuid4()), name="x")),
        (PreconditionFailed, "version_changed", lambda: change(account, name="x", expected=2)),
        (Conflict, "external_key_taken", lambda: change(other, name="x", external_key="a")),
        (Conflict, "external_key_taken", lambda: make_account(external_key="a")),
        (Invalid, "test_clock_unknown", lambda: make_account(test_clock_id=uuid4())),
    ]:
        with pytest.raises(expected) as refused:
            act()
        assert refused.value.code == code
        assert refused.value.hint
    assert Account.objects.count() == Event.objects.count() == 2


@pytest.mark.django_db
def test_test_clocks_are_joined_only_where_they_are_on(settings: Any) -> None:
    clock = make_clock(name="c", frozen_time=AT, actor=ACTOR)
    assert make_account(test_clock_id=clock.pk).test_clock == clock
    settings.BILLING_TEST_CLOCKS = False
    with pytest.raises(Invalid) as refused:
        make_account(test_clock_id=clock.pk)
    assert refused.value.code == "test_clocks_off"


@pytest.mark.django_db
def test_an_external_key_can_be_given_up_and_taken_again() -> None:
    account = make_account(external_key="a")
    assert change(account, external_key=None).external_key is None
    assert make_account(external_key="a").external_key == "a"


def test_who_comes_second_at_the_same_moment_is_told_so(committed_db: str) -> None:
    refusals: list[DomainError] = []

    def second() -> None:
        try:
            make_account(external_key="one")
        except DomainError as error:
            refusals.append(error)
        finally:
            connections.close_all()

    thread = Thread(target=second)
    with transaction.atomic():
        make_account(external_key="one")
        thread.start()
        wait_for_a_blocked_insert()
    thread.join(10)
    assert [(type(error), error.code) for error in refusals] == [(Conflict, "external_key_taken")]
    assert Account.objects.count() == Event.objects.count() == 1


@pytest.mark.django_db
def test_other_integrity_errors_are_not_called_a_taken_key() -> None:
    with pytest.raises(IntegrityError, match="currency_known"), transaction.atomic():
        make_account(currency="XXX")


@pytest.mark.django_db
def test_the_cost_of_each(django_assert_num_queries: Any) -> None:
    # savepoint, actor, key check, insert, contributed (payments, credits), event, release
    with django_assert_num_queries(8):
        account = make_account(external_key="k")
    # savepoint, actor, lock, contributed (2), update, read, contributed (2), event, release
    with django_assert_num_queries(11):
        change(account, name="Eve")


def wait_for_a_blocked_insert() -> None:
    """Until the other's INSERT waits for this transaction's end."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the other thread was never blocked")
