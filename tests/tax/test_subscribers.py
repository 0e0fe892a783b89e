"""Numbers of accounts come to VIES by themselves, and cost others nothing."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import actions as accounts
from apps.tax.models import TaxId
from apps.tax.subscribers import WATCHER
from tests.backoffice.desk import actors
from tests.factories.accounts import ACTOR, AT, make_account

pytestmark = pytest.mark.django_db


def numbers() -> list[str]:
    return sorted(TaxId.objects.filter(watched=True).values_list("number", flat=True))


def change(account: Any, **changes: Any) -> None:
    accounts.update(account_id=account.pk, changes=changes, expected_version=None, at=AT, actor=ACTOR)


@pytest.mark.fr("FR-100")
def test_an_account_that_comes_with_a_number() -> None:
    make_account(tax_id="gr 094 259 216", country="GR")
    assert numbers() == ["EL094259216"]
    stands = TaxId.objects.get()
    assert (stands.country, stands.status, stands.next_call_at is not None) == ("GR", "PENDING", True)
    assert actors("tax_taxid", stands.pk, "INSERT") == {str(WATCHER)}
    make_account(tax_id="EL094259216")
    assert numbers() == ["EL094259216"]


@pytest.mark.fr("FR-100")
def test_an_account_whose_number_becomes_another() -> None:
    account = make_account()
    change(account, name="Grace")
    assert numbers() == []
    change(account, tax_id="FR40303265045")
    assert numbers() == ["FR40303265045"]
    TaxId.objects.update(watched=False)
    change(account, name="Eve")
    assert numbers() == [], "only what has changed is looked at"
    change(account, tax_id="")


@pytest.mark.parametrize("text", ["", "CHE-107.787.577", "DE136695977", "12/345/67890", "tax exempt"])
def test_any_other_tax_id_is_taken_as_ever(text: str) -> None:
    assert make_account(tax_id=text).tax_id == text
    assert not TaxId.objects.exists()


def test_without_a_number_an_account_costs_no_statement() -> None:
    def statements(**fields: Any) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            make_account(**fields)
        return [query["sql"] for query in captured]

    statements()
    assert not any("tax_taxid" in sql for sql in statements())
    assert sum("tax_taxid" in sql for sql in statements(tax_id="FR40303265045")) == 1


def test_any_number_of_accounts_costs_one() -> None:
    texts = ["FR40303265045", "DE136695976", "ATU13585627", "", "FR 40303265045"] * 4
    documents = [{"email": "ada@example.com", "name": "Ada", "tax_id": text} for text in texts]
    with CaptureQueriesContext(connection) as captured:
        accounts.create_many(documents=documents, at=AT, actor=ACTOR)
    assert sum("tax_taxid" in query["sql"] for query in captured) == 1
    assert numbers() == ["ATU13585627", "DE136695976", "FR40303265045"]
