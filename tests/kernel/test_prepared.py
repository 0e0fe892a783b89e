"""Statements that a connection keeps: sent apart from their values, and only within the block."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Value
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account
from apps.kernel.prepared import AFTER, by_key, listed, named, prepared, rows_of
from tests.databases import ROOT
from tests.factories.accounts import make_account

pytestmark = pytest.mark.django_db


def _kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE NOT from_sql")
        return [statement for (statement,) in cursor.fetchall() if "accounts_account" in statement]


def test_what_comes_again_is_kept_and_only_within_the_block() -> None:
    before = len(_kept())
    for _ in range(AFTER + 1):
        Account.objects.filter(pk=uuid4()).first()
    assert len(_kept()) == before
    with prepared():
        for _ in range(AFTER + 1):
            Account.objects.filter(pk=uuid4(), name="another").first()
    assert len(_kept()) == before + 1
    assert "$2" in _kept()[-1]
    for _ in range(AFTER + 1):
        Account.objects.filter(pk=uuid4(), name="another", email="after@example.com").first()
    assert len(_kept()) == before + 1


def test_a_failure_ends_the_block_too() -> None:
    with pytest.raises(ZeroDivisionError), prepared(), transaction.atomic():
        raise ZeroDivisionError
    with prepared():
        pass
    assert connection.connection.prepare_threshold is None


def test_named_columns_stand_in_the_order_of_the_model() -> None:
    assert named(Account, "SELECT * FROM accounts_account").startswith('SELECT "id", "created_at", "updated_at"')


def test_a_row_by_its_key_is_that_of_the_query_set() -> None:
    one, other = make_account(), make_account()
    everything = Account.objects.all()
    for rows in (
        everything,
        everything.select_related("test_clock"),
        everything.annotate(two=Value(2)),
        everything.filter(pk=one.pk),
        everything.only("name"),
        everything.prefetch_related("holds"),
    ):
        found = by_key(rows, one.pk)
        assert (found, found.get_deferred_fields() != set()) == (one, rows.query.deferred_loading[0] != frozenset())
        assert by_key(rows, uuid4()) is None
        assert hasattr(found, "two") is ("two" in rows.query.annotations)
    assert by_key(everything.filter(pk=one.pk), other.pk) is None
    assert by_key(Account.objects.none(), one.pk) is None


def test_rows_are_never_read_by_a_star_that_is_kept() -> None:
    """A table that gets a column while a process runs would make its kept statements fail."""
    starred = re.compile(r"SELECT (?:\w+\.)?\* FROM (?:apps_)?[a-z]+_[a-z]+\b")
    found = []
    for path in Path(ROOT / "apps").rglob("*.py"):
        # What looks over all is not kept.
        if "migrations" in path.parts or "invariants" in path.parts:
            continue
        text = path.read_text()
        for match in starred.finditer(text):
            around = text[max(0, match.start() - 200) : match.start()]
            if "named(" not in around and "jsonb_to_recordset" not in match[0]:
                found.append(f"{path.relative_to(ROOT)}: {match[0]}")
    assert found == ["apps/payments/reconcile_queries.py: SELECT * FROM payments_payment"]


def test_rows_are_those_that_the_orm_finds() -> None:
    """With all that a column is turned into, and what stands before it."""
    one = make_account(metadata={"a": [1]}, address={"city": "Bern"}, tax_id="CHE-1")
    sql = named(Account, "SELECT 7 AS lucky, length(email), * FROM accounts_account WHERE id = %s")
    [found] = rows_of(Account, sql, [one.pk], before=["lucky", "letters"])
    expected = Account.objects.get(pk=one.pk)
    assert {field.attname: getattr(found, field.attname) for field in Account._meta.concrete_fields} == {
        field.attname: getattr(expected, field.attname) for field in Account._meta.concrete_fields
    }
    assert (found.lucky, found.letters) == (7, len(one.email))  # type: ignore[attr-defined]
    assert (found._state.adding, found._state.db) == (False, "default")
    assert rows_of(Account, sql, [uuid4()], before=["lucky", "letters"]) == []
    some = ("id", "metadata")
    [part] = rows_of(Account, named(Account, "SELECT * FROM accounts_account", only=some), [], only=some)
    assert (part.pk, part.metadata, part.get_deferred_fields() > {"email", "name"}) == (one.pk, {"a": [1]}, True)
    assert part.email == one.email, "what was not read is read when it is asked for"


def test_a_list_is_what_the_orm_makes_of_it() -> None:
    made = [make_account(email=f"{number}@example.com", metadata={"n": number}) for number in range(3)]
    rows = Account.objects.order_by("-pk")
    with CaptureQueriesContext(connection) as asked:
        listed(rows.filter(currency="USD")[:5])
    assert str(rows.filter(currency="USD")[:5].query) in asked[0]["sql"].replace("'USD'", "USD"), "word for word"
    assert [(each.pk, each.metadata) for each in listed(rows)] == [(each.pk, each.metadata) for each in reversed(made)]
    assert listed(rows.filter(email__in=[])) == listed(rows.none()) == []
    [first] = listed(rows.filter(email="1@example.com")[:1])
    assert (first.pk, first == made[1]) == (made[1].pk, True)
    [more] = listed(rows.annotate(seven=Value(7)).filter(pk=made[0].pk))
    assert more.seven == 7
    assert listed(rows.values("email").filter(pk=made[0].pk)) == [{"email": "0@example.com"}]
    first.name = "Grace"
    first.save(update_fields=["name"])
    assert Account.objects.get(pk=first.pk).name == "Grace"
