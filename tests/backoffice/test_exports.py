"""Accounts exported by staff: for whom, what comes out, what it costs, and that it is in the audit log."""

import csv
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.access.rules import Role, may
from apps.accounts import export
from apps.accounts.models import Account
from apps.audit.models import Entry
from apps.kernel.ids import uuid7
from tests.accounts.calls import Api
from tests.accounts.test_admin import staff
from tests.backoffice.desk import detail, list_of
from tests.backoffice.world import world
from tests.factories.accounts import make_account

pytestmark = [pytest.mark.django_db, pytest.mark.fr("FR-015")]

ALL = "/admin/accounts/account/export"


def one(account: Account) -> str:
    return reverse("admin:accounts_account_export", args=[account.pk])


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content).decode()


def names(browser: Client, query: str = "") -> list[str]:
    return [row["name"] for row in csv.DictReader(text(browser.get(f"{ALL}?{query}")).splitlines())]


def cost(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        text(browser.get(path))
    return len(asked)


@pytest.mark.parametrize("role", list(Role))
def test_whoever_may_by_the_api_may_here(role: Role) -> None:
    account, browser, api = make_account(), staff(role), Api(role)
    allowed = may(role, "accounts", "read") and may(role, "exports", "read")
    assert allowed is (role != Role.SUPPORT_REP)
    for path, same in ((one(account), f"/accounts/{account.pk}/export"), (ALL, "/accounts/export")):
        answer = browser.get(path)
        assert answer.status_code == api.get(same).status_code == (200 if allowed else 403)
        assert browser.post(path).status_code == (405 if allowed else 403)
    for page, path in ((detail(account), one(account)), (list_of(Account), ALL)):
        assert (f'href="{path}"' in browser.get(page).content.decode()) is allowed


def test_nobody_else_may() -> None:
    account, stranger = make_account(), staff(None)
    for path in (one(account), ALL):
        assert stranger.get(path).status_code == 403
        assert Client().get(path).headers["Location"].startswith("/admin/login/")


def test_one_account_is_what_the_api_gives() -> None:
    of, browser = world(), staff(Role.FINANCE_VIEWER)
    answer = browser.get(one(of.account))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="account-{of.account.pk}.json"'
    held, same = json.loads(text(answer)), json.loads(text(Api().get(f"/accounts/{of.account.pk}/export")))
    assert held.pop("exported_at") <= same.pop("exported_at")
    assert held == same
    assert held["invoices"]
    assert browser.get(f"/admin/accounts/account/{uuid7()}/export").status_code == 404


def test_the_list_is_what_the_api_gives() -> None:
    for number in range(3):
        make_account(name=f"N{number}", metadata={"tier": number})
    answer = staff(Role.BILLING_ADMIN).get(ALL)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="accounts.csv"'
    assert text(answer) == text(Api().get("/accounts/export"))


def test_the_file_holds_what_the_list_shows_on_all_its_pages() -> None:
    for number in range(60):
        make_account(name=f"Gold {number:02}", tax_exempt=number % 2 == 0)
    make_account(name="Iron")
    browser = staff(Role.FINANCE_VIEWER)
    assert names(browser, "q=iron") == ["Iron"]
    assert names(browser, "q=gold&tax_exempt__exact=1") == [f"Gold {number:02}" for number in range(0, 60, 2)]
    assert len(names(browser)) == 61
    assert names(browser, "q=nobody") == []
    page = browser.get(f"{list_of(Account)}?q=gold&tax_exempt__exact=1&p=1").content.decode()
    assert f'href="{ALL}?q=gold&amp;tax_exempt__exact=1"' in page
    wrong = browser.get(f"{ALL}?tax_exempt__exact=perhaps&created_at__gte=never")
    assert wrong.headers["Location"] == f"{list_of(Account)}?e=1"


def test_each_is_in_the_audit_log_before_it_is_read() -> None:
    account, browser = make_account(), staff(Role.FINANCE_VIEWER)
    browser.get(one(account))
    browser.get(f"{ALL}?q=ada")
    first, second = Entry.objects.filter(operation="EXPORT").order_by("id")
    assert (first.table_name, first.row_id) == ("accounts_account", str(account.pk))
    assert first.after == {"page": "accounts_account_export", "file": f"account-{account.pk}.json"}
    assert (second.table_name, second.row_id) == ("", "")
    assert second.after == {"page": "accounts_account_export_all", "file": "accounts.csv", "asked": "q=ada"}
    assert first.actor == second.actor == f"user:{browser.session['_auth_user_id']}"
    refused = staff(Role.SUPPORT_REP)
    refused.get(one(account))
    refused.get(ALL)
    assert Entry.objects.filter(operation="EXPORT").count() == 2
    boss = staff(Role.SUPER_ADMIN)
    assert "accounts.csv" in boss.get(detail(second)).content.decode()
    assert "export" in boss.get(detail(account)).content.decode().partition("Who has seen it")[2]


def test_they_come_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of which each costs the same queries, and is made when it is asked for."""
    monkeypatch.setattr(export, "PIECE", 10)
    made = [make_account(name=f"N{number}") for number in range(9)]
    browser = staff(Role.FINANCE_VIEWER)
    few, whole = cost(browser, ALL), cost(browser, one(made[0]))
    for number in range(20):
        make_account(name=f"M{number}")
    # Of each piece its rows, and what payments and credits contribute.
    assert cost(browser, ALL) == few + 2 * 3
    assert cost(browser, one(made[0])) == whole
    for path in (ALL, one(made[0])):
        answer = browser.get(path)
        assert answer.streaming
        assert len(list(answer.streaming_content)) > 2
