"""/v1/accounts/{id}/balance and /statement"""

from uuid import uuid4

import pytest

from tests.accounts.calls import Api, faults
from tests.factories.credits import credit
from tests.factories.invoices import invoice, payer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _static_files(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path


@pytest.mark.fr("FR-095")
def test_balance_and_statement():
    account = payer()
    invoice(4900, account=account)
    credit(account, 300)
    api = Api("finance_viewer")
    assert api.get(f"/accounts/{account.pk}/balance").json() == {
        "account_id": str(account.pk), "currency": "USD", "open": 4900, "overdue": 4900, "credit": 300,
        "url": f"/v1/accounts/{account.pk}/balance",
    }  # fmt: skip
    shown = api.get(f"/accounts/{account.pk}/statement?from=2026-04-01&to=2026-04-30").json()
    assert (shown["date_from"], shown["date_to"], shown["closing_open"], shown["closing_credit"]) == (
        "2026-04-01", "2026-04-30", 4900, 300,
    )  # fmt: skip
    assert [each["kind"] for each in shown["entries"]] == ["issue", "grant"]
    usual = api.get(f"/accounts/{account.pk}/statement").json()
    assert (usual["entries"], usual["opening_open"], usual["closing_credit"]) == ([], 4900, 300)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=yesterday", "?from"),
        ("to=20260401", "?to"),
        ("to=2026-02-30", "?to"),
        ("from=2026-04-02&to=2026-04-01", "?from"),
        ("from=2024-01-01&to=2026-04-01", "?from"),
        ("until=2026-04-01", "?until"),
    ],
)
def test_malformed(query, pointer):
    answer = Api().get(f"/accounts/{payer().pk}/statement?{query}")
    assert answer.status_code == 422, answer.content
    assert pointer in {where for where, _ in faults(answer)}


def test_the_first_day_there_is():
    assert Api().get(f"/accounts/{payer().pk}/statement?to=0001-01-01").status_code == 200


def test_unknown_or_unasked():
    for path in ("balance", "statement"):
        assert Api().get(f"/accounts/{uuid4()}/{path}").status_code == 404
        assert Api().get(f"/accounts/x/{path}").status_code == 404
        assert Api(None).get(f"/accounts/{uuid4()}/{path}").status_code == 401
