"""What PostgreSQL refuses of credits, also from raw SQL and from two at once."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from apps.credits.models import Grant, Use
from apps.kernel.ids import uuid7
from tests.factories.credits import credit
from tests.factories.invoices import AT, payer

RAW = (
    "INSERT INTO credits_use (id, created_at, grant_id, kind, invoice_id, amount, at)"
    " VALUES (%s, now(), %s, %s, %s, %s, %s)"
)


def use(grant, amount, *, kind="invoice", at=AT):
    with connection.cursor() as cursor:
        cursor.execute(RAW, [uuid7(), grant.pk, kind, uuid7() if kind == "invoice" else None, amount, at])


@pytest.mark.django_db
@pytest.mark.fr("FR-094")
def test_uses_beyond_the_amount_are_refused():
    one = credit(payer(), 100)
    use(one, 60)
    use(one, 40)
    with pytest.raises(IntegrityError, match="overdrawn"):
        use(one, 1, kind="void")


@pytest.mark.django_db
def test_two_rows_of_one_statement_are_summed():
    one = credit(payer(), 100)
    with pytest.raises(IntegrityError, match="overdrawn"):
        Use.objects.bulk_create([Use(grant=one, kind="invoice", invoice_id=uuid7(), amount=51, at=AT) for _ in "ab"])


@pytest.mark.django_db
def test_an_expired_credit_pays_no_invoice():
    one = credit(payer(), 100, expires_at=AT + timedelta(days=1))
    use(one, 1, at=AT + timedelta(hours=23))
    with pytest.raises(IntegrityError, match="expired"), transaction.atomic():
        use(one, 1, at=AT + timedelta(days=1))
    use(one, 99, kind="expiry", at=AT + timedelta(days=1))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credits_grant SET amount = amount + 1",
        "DELETE FROM credits_grant",
        "UPDATE credits_use SET amount = 1",
        "DELETE FROM credits_use",
        "TRUNCATE credits_use",
    ],
)
def test_rows_are_final(statement):
    use(credit(payer(), 100), 10)
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [{"amount": 0}, {"source": "gift"}, {"source": "overpayment"}, {"source_id": uuid7()}, {"currency": "XXX"}],
)
def test_what_a_grant_may_not_be(fields):
    one = credit(payer())
    values = {
        "account_id": one.account_id,
        "amount": 5,
        "currency": "USD",
        "reason": "",
        "source": "goodwill",
        "at": AT,
    }
    with pytest.raises(IntegrityError):
        Grant.objects.create(**{**values, **fields})


def test_two_at_once_take_turns(committed_db):
    one = credit(payer(), 100)
    entered, refused = threading.Barrier(2, timeout=20), []

    def draw():
        try:
            with transaction.atomic():
                connection.cursor().execute("SELECT 1")
                entered.wait()
                use(one, 70)
        except IntegrityError as error:
            refused.append(str(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=draw) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert "overdrawn" in refused[0]
    assert [each.amount for each in Use.objects.all()] == [70]
