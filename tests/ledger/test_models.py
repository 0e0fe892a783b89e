"""What PostgreSQL refuses, whoever asks and however: row by row, by COPY, as the owner, by a race."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from apps.kernel.ids import uuid7
from apps.kernel.money import MAX_AMOUNT
from tests.audit.connections import as_application, as_owner

ENTRY = "id, created_at, kind, currency, source_type, source_id, account_id, effective_on, effective_at"
TIME = datetime(2026, 4, 1, tzinfo=UTC)
BALANCED = (("receivable", 5831), ("deferred_revenue", -4900), ("tax_payable", -931))

pytestmark = pytest.mark.django_db
both_roles = pytest.mark.parametrize("connect", [as_application, as_owner])
Connect = Any


def post(
    raw: psycopg.Connection, key: UUID, postings: Sequence[tuple[str, int]] = BALANCED, currency: str = "EUR"
) -> None:
    for account, amount in postings:
        raw.execute(
            "INSERT INTO ledger_posting (entry_id, ledger_account, currency, amount) VALUES (%s, %s, %s, %s)",
            [key, account, currency, amount],
        )


def enter(raw: psycopg.Connection, *keys: UUID) -> None:
    raw.execute(
        f"INSERT INTO ledger_entry ({ENTRY})"
        " SELECT key, now(), 'issue', 'EUR', 'invoice', key, key, '2026-04-01', now() FROM unnest(%s::uuid[]) AS key",
        [list(keys)],
    )


def enter_by_copy(raw: psycopg.Connection, keys: Sequence[UUID]) -> None:
    with raw.cursor().copy(f"COPY ledger_entry ({ENTRY}) FROM STDIN") as copy:
        for key in keys:
            copy.write_row((key, TIME, "issue", "EUR", "invoice", key, key, TIME.date(), TIME))


def settle(raw: psycopg.Connection) -> None:
    """What COMMIT checks, checked now."""
    raw.execute("SET CONSTRAINTS ALL IMMEDIATE")


@both_roles
@pytest.mark.fr("B-04")
def test_a_balanced_entry_is_taken(connect: Connect) -> None:
    key = uuid7()
    with connect() as raw:
        post(raw, key)
        enter(raw, key)
        settle(raw)
        assert raw.execute("SELECT count(*) FROM ledger_posting WHERE entry_id = %s", [key]).fetchone() == (3,)


@both_roles
@pytest.mark.fr("B-04")
@pytest.mark.parametrize(
    "postings",
    [
        (("receivable", 5831), ("revenue", -5830)),
        (("receivable", 5831),),
        (),
        (("receivable", MAX_AMOUNT), ("receivable", MAX_AMOUNT), ("bank", -MAX_AMOUNT)),
    ],
)
def test_an_unbalanced_entry_is_refused(connect: Connect, postings: Sequence[tuple[str, int]]) -> None:
    key = uuid7()
    with connect() as raw:
        post(raw, key, postings)
        with pytest.raises(psycopg.errors.CheckViolation, match="does not balance"):
            enter(raw, key)


def test_postings_in_another_currency_are_refused() -> None:
    key = uuid7()
    with as_application() as raw:
        post(raw, key, currency="USD")
        with pytest.raises(psycopg.errors.CheckViolation, match="does not balance"):
            enter(raw, key)


@both_roles
def test_one_unbalanced_entry_among_many_by_copy_is_refused(connect: Connect) -> None:
    keys = [uuid7() for _ in range(500)]
    with connect() as raw:
        with raw.cursor().copy("COPY ledger_posting (entry_id, ledger_account, currency, amount) FROM STDIN") as copy:
            for number, key in enumerate(keys):
                copy.write_row((key, "receivable", "EUR", 100))
                copy.write_row((key, "revenue", "EUR", -99 if number == 321 else -100))
        with pytest.raises(psycopg.errors.CheckViolation, match=str(keys[321])), raw.transaction():
            enter(raw, *keys)
        with pytest.raises(psycopg.errors.CheckViolation, match=str(keys[321])):
            enter_by_copy(raw, keys)


@both_roles
def test_postings_without_an_entry_cannot_be_committed(connect: Connect) -> None:
    with connect() as raw:
        post(raw, uuid7())
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            settle(raw)


@both_roles
def test_nothing_joins_an_entry_later(connect: Connect) -> None:
    key = uuid7()
    with connect() as raw:
        post(raw, key)
        enter(raw, key)
        with pytest.raises(psycopg.errors.RestrictViolation, match="is closed"):
            post(raw, key)


def test_a_race_cannot_slip_a_posting_into_an_entry(committed_db: str) -> None:
    key = uuid7()
    with psycopg.connect(committed_db) as honest, psycopg.connect(committed_db) as racer:
        post(racer, key, [("bank", 1)])  # sees no entry yet
        post(honest, key)
        enter(honest, key)
        honest.commit()
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            racer.commit()
        total = honest.execute("SELECT sum(amount), count(*) FROM ledger_posting").fetchone()
    assert total == (0, 3)


def test_a_posting_cannot_claim_another_transaction() -> None:
    with as_application() as raw, pytest.raises(psycopg.errors.RestrictViolation):
        raw.execute(
            "INSERT INTO ledger_posting (entry_id, transaction, ledger_account, currency, amount)"
            " VALUES (%s, 1, 'bank', 'EUR', 1)",
            [uuid7()],
        )


def test_a_temporary_table_of_the_same_name_deceives_nobody() -> None:
    key = uuid7()
    with as_application() as raw:
        raw.execute("CREATE TEMP TABLE ledger_posting (entry_id uuid, amount bigint, currency text)")
        raw.execute("INSERT INTO ledger_posting VALUES (%s, 1, 'EUR'), (%s, -1, 'EUR')", [key, key])
        with pytest.raises(psycopg.errors.CheckViolation, match="does not balance"):
            enter(raw, key)


@pytest.mark.parametrize("amount", [0, MAX_AMOUNT + 1, -MAX_AMOUNT - 1])
def test_amounts_of_zero_and_beyond_the_bound_are_refused(amount: int) -> None:
    with as_owner() as raw, pytest.raises(psycopg.errors.CheckViolation, match="ledger_posting_amount"):
        post(raw, uuid7(), [("bank", amount)])


@both_roles
@pytest.mark.parametrize("table", ["ledger_entry", "ledger_posting"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET currency = 'USD'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_books_are_append_only(connect: Connect, table: str, verb: str) -> None:
    key = uuid7()
    with connect() as raw:
        post(raw, key)
        enter(raw, key)
        settle(raw)
        with pytest.raises((psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)):
            raw.execute(verb.format(table))


def test_the_owner_too_is_refused_a_truncate() -> None:
    manager: AbstractContextManager[psycopg.Connection] = as_owner()
    with manager as raw, pytest.raises(psycopg.errors.RestrictViolation):
        raw.execute("TRUNCATE ledger_posting")
