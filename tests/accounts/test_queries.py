"""Locks, look-ups and the indexes that serve them."""

from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction

from apps.accounts import queries
from apps.accounts.api import AccountFilter
from apps.accounts.models import Account
from apps.kernel.errors import Invalid
from tests.factories.accounts import make_account


@pytest.mark.django_db
def test_locks_come_in_the_order_of_ids_and_leave_out_strangers() -> None:
    accounts = [make_account() for _ in range(3)]
    with transaction.atomic():
        locked = queries.lock([account.pk for account in accounts[::-1]] + [uuid4()])
    assert list(locked) == sorted(account.pk for account in accounts)


@pytest.mark.django_db
def test_one_that_a_body_names_is_locked_or_refused() -> None:
    account = make_account()
    with transaction.atomic():
        assert queries.lock_one(account.pk) == account
        with pytest.raises(Invalid) as refused:
            queries.lock_one(uuid4())
    assert refused.value.code == "account_unknown"


def test_a_lock_holds_others_back_until_the_commit(committed_db: str) -> None:
    account = make_account()
    asked, got = Event(), Event()

    def other() -> None:
        with transaction.atomic():
            asked.set()
            queries.lock([account.pk])
            got.set()
        connections.close_all()

    thread = Thread(target=other)
    with transaction.atomic():
        queries.lock([account.pk])
        thread.start()
        assert asked.wait(5)
        assert not got.wait(0.2)
    thread.join(10)
    assert got.is_set()


@pytest.mark.django_db
def test_staff_find_by_part_of_a_name_or_a_whole_key() -> None:
    ada = make_account(name="Ada Lovelace", email="Ada@Example.com", external_key="crm-1")
    make_account(name="Grace", email="grace@example.com", external_key="crm-10")

    def found(text: str) -> list[UUID]:
        return list(Account.objects.filter(queries.matching(text)).values_list("pk", flat=True))

    assert found("ovela") == found("ada@EXAMPLE.com") == found("crm-1") == found(str(ada.pk)) == [ada.pk]
    assert found("example.com") == []


@pytest.mark.fr("FR-005", "FR-008")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"email": "ada@example.com"}, "accounts_account_email"),
        ({"external_key": "crm-1"}, "accounts_account_of_key"),
        # Other indexes hold the id too, and a table of a few rows may be read by any of them.
        ({"id": "01980000-0000-7000-8000-000000000001"}, "Index Cond: (id = "),
        ({"metadata[tier]": "gold"}, "accounts_account_metadata"),
        ({"currency": "EUR"}, "accounts_account_currency"),
        ({"overdue_status": "BLOCKED"}, "accounts_account_behind"),
    ],
)
def test_look_ups_use_their_indexes(filters: dict[str, str], index: str) -> None:
    plan = _plan(AccountFilter(data=filters, queryset=queries.accounts()).qs)
    assert index in plan
    assert "Seq Scan" not in plan


@pytest.mark.django_db
def test_staff_search_uses_indexes_alone() -> None:
    plan = _plan(Account.objects.filter(queries.matching("Lovelace")))
    assert "Seq Scan" not in plan
    assert {"accounts_account_name", "accounts_account_email", "accounts_account_of_key"} <= set(
        plan.replace("\n", " ").split()
    )


def _plan(rows: object) -> str:
    """How PostgreSQL would find `rows` in a table too big to read whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return str(rows.order_by().explain())  # type: ignore[attr-defined]
