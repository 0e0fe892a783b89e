"""Finance imports a bank statement: faults by line, what each line does, one click; unmatched lines are assigned."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.access.rules import Role
from apps.kernel import clock
from apps.monitoring.invariants import broken
from apps.payments.bank_file import MAX_BYTES
from apps.payments.models import BankLine, Difference, Payment
from tests.accounts.test_admin import staff
from tests.backoffice.asking import SEEN, asked
from tests.backoffice.desk import said
from tests.factories.invoices import invoice, payer

pytestmark = pytest.mark.django_db

ADD = "admin:payments_bankline_add"


def csv(*rows: str, name: str = "april.csv") -> SimpleUploadedFile:
    day = clock.wall().date().isoformat()
    text = "date;amount;currency;reference;payer\n" + "".join(f"{day};{row}\n" for row in rows)
    return SimpleUploadedFile(name, b"\xef\xbb\xbf" + text.encode())


def confirmed(browser: Any, page: str, text: bytes) -> Any:
    found = SEEN.search(page)
    assert found, page
    given = {"name": "april.csv", "text": text.decode("utf-8-sig"), "seen": found[1]}
    return browser.post(reverse(ADD), given)


@pytest.mark.fr("FR-070", "FR-139")
def test_a_statement_is_shown_and_recorded_by_one_click() -> None:
    one, browser = invoice(4900, account=payer(), at=clock.wall()), staff(Role.BILLING_ADMIN)
    file = csv(f"20,00;USD;{one.number} part;Ada", "7,50;USD;<b>who?</b>;Eve", "-3,00;USD;fee;Bank")
    page = browser.post(reverse(ADD), {"file": file}).content.decode()
    for text in (
        "pays a part",
        "29.00 USD",
        "becomes a task",
        "It names no invoice and no account.",
        "1 of money that",
    ):
        assert text in page, text
    assert "<b>who?</b>" not in page
    assert not BankLine.objects.exists()
    file.seek(0)
    answer = confirmed(browser, page, file.read())
    assert said(answer) == "1 recorded, 1 became tasks, 0 known already."
    assert Payment.objects.get().amount == 2000
    file.seek(0)
    again = confirmed(browser, page, file.read())
    assert "Something has changed" in again.content.decode()
    assert (Payment.objects.count(), Difference.objects.count()) == (1, 1)
    assert "pays a part" not in browser.get(reverse("admin:payments_bankline_changelist")).content.decode()
    task = Difference.objects.get()
    look = asked(browser, "payments_difference_assign", task).look(whose="", invoice=str(one.number).lower())
    assert f"Paid on invoice {one.number} 7.50 USD" in look.page
    assert look.confirm(whose="", invoice=str(one.number).lower()) == f"Recorded for {one.account.name}."
    assert broken() == []


@pytest.mark.fr("FR-070")
@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "It is empty."), (b"\xff\xfe", "It is not UTF-8"), (b"a;b\n", "There are no such columns"),
        (b"x" * (MAX_BYTES + 10), "It holds more than"),
        (b"date,amount,currency,reference,payer\n2026-04-01,x,USD,a,b\n", "Not an amount"),
        (b"date,amount,currency,reference,payer\n2026-04-01,1,USD,4242424242424242,b\n", "a card number"),
    ],
)  # fmt: skip
def test_a_file_with_a_fault_is_shown_with_it_and_cannot_be_recorded(content: bytes, fault: str) -> None:
    page = staff(Role.BILLING_ADMIN).post(reverse(ADD), {"file": SimpleUploadedFile("x.csv", content)})
    text = page.content.decode()
    assert (page.status_code, fault in text, SEEN.search(text)) == (200, True, None)


def test_whose_it_is_has_to_be_one() -> None:
    browser = staff(Role.BILLING_ADMIN)
    payer(email="ada@example.com"), payer(email="ada@example.com")
    file = csv("7,50;USD;who?;Eve")
    page = browser.post(reverse(ADD), {"file": file}).content.decode()
    file.seek(0)
    confirmed(browser, page, file.read())
    question = asked(browser, "payments_difference_assign", Difference.objects.get())
    for whose, number, fault in (
        ("", "", "one of them"), ("x", "y", "one of them"), ("nobody", "", "There is none"),
        ("", "INV-0", "There is none"), ("ada@example.com", "", "There are several"),
    ):  # fmt: skip
        assert fault in question.look(whose=whose, invoice=number).page, fault
    for role in (Role.SUPPORT_REP, Role.FINANCE_VIEWER):
        assert staff(role).post(reverse(ADD), {"file": csv("1;USD;a;b")}).status_code == 403
