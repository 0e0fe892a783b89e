"""Lines of a bank statement pay what they name, each once, whoever dies or sends them again; the rest are tasks."""

import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps.kernel import clock
from apps.ledger.models import Posting
from apps.monitoring.invariants import broken
from apps.payments.actions import bank
from apps.payments.actions.bank import assign, bring_in
from apps.payments.actions.reconcile import begin
from apps.payments.bank_file import StatementLine, read
from apps.payments.bank_matching import Does, matches
from apps.payments.models import BankLine, Difference, Payment
from tests.factories.invoices import ACTOR, invoice, payer
from tests.factories.returns import standing

TODAY = clock.wall().date().isoformat()


def lines(*rows: str) -> Any:
    found = read(("date,amount,currency,reference,payer\n" + "\n".join(f"{TODAY},{row}" for row in rows)).encode())
    assert found.faults == []
    return found.lines


def owed(amount: int = 5000, **fields: Any) -> Any:
    return invoice(amount, account=payer(**fields), at=clock.wall())


def does(found: list[Any]) -> list[tuple[str, int, int]]:
    return [(each.does.value, each.left, each.credit) for each in found]


@pytest.mark.fr("FR-070")
@pytest.mark.django_db
def test_what_each_line_would_do_is_what_it_does() -> None:
    full, part, over = owed(), owed(), owed()
    both = payer(external_key="crm-9")
    first, second = (invoice(1000, account=both, at=clock.wall()) for _ in range(2))
    statement = lines(
        f"50.00,USD,{full.number},Ada", f"20.00,USD,Part of {str(part.number).replace('-', ' ').lower()},B",
        f"80.00,USD,{over.number}.,C", "15.00,USD,crm-9,D", "1.00,USD,thank you,E", f"1.00,EUR,{full.number},F",
        f"1.00,USD,{full.number} {part.number},G", f"20.00,USD,{part.number},H",
    )  # fmt: skip
    found = matches(statement)
    assert does(found) == [
        ("full", 0, 0), ("part", 3000, 0), ("over", 0, 3000), ("account", 500, 0), ("nothing", 0, 0), ("nothing", 0, 0),
        ("nothing", 0, 0), ("part", 1000, 0),
    ]  # fmt: skip
    assert [each.why for each in found if each.does is Does.NOTHING] == [
        "It names no invoice and no account.", "The account is billed in USD.", "It names several accounts.",
    ]  # fmt: skip
    done = bring_in(statement, file="april.csv", actor=ACTOR)
    assert (done.recorded, done.tasks, done.known) == (5, 3, 0)
    rows = {each.invoice_id: each for each in Payment.objects.order_by("pk")}
    assert standing(rows[full.pk]) == ("PAID", 0)
    assert standing(rows[part.pk]) == ("OPEN", 1000)
    assert standing(rows[over.pk]) == ("PAID", 0)
    assert (standing(rows[first.pk]), standing(rows[second.pk])) == (("PAID", 0), ("OPEN", 500))
    bank_account = Posting.objects.filter(ledger_account="bank").values_list("amount", flat=True)
    assert sum(bank_account) == 5000 + 2000 + 8000 + 1500 + 2000
    assert broken() == []


@pytest.mark.fr("FR-070")
@pytest.mark.django_db
def test_a_file_and_a_line_twice_change_nothing() -> None:
    one = owed()
    statement = lines(f"20.00,USD,{one.number},Ada", "1.00,USD,thank you,E")
    bring_in(statement, file="april.csv", actor=ACTOR)
    again = bring_in(statement, file="april.csv", actor=ACTOR)
    assert (again.recorded, again.tasks, again.known) == (0, 0, 2)
    more = lines("1.00,USD,thank you,E", f"20.00,USD,{one.number},Ada", f"20.00,USD,{one.number},Ada")
    assert [each.does.value for each in matches(more)] == ["known", "known", "part"]
    assert bring_in(more, file="may.csv", actor=ACTOR).recorded == 1
    assert (Payment.objects.count(), BankLine.objects.count(), Difference.objects.count()) == (2, 3, 1)


@pytest.mark.fr("FR-070")
def test_killed_in_the_middle_the_rest_is_done_by_the_next_time(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoices = [owed(1000 + number) for number in range(3)]
    statement = lines(*(f"10.00,USD,{each.number},Ada" for each in invoices))
    real, calls = bank.record_transfer, []

    def killed(*args: Any, **given: Any) -> Any:
        calls.append(1)
        made = real(*args, **given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return made

    monkeypatch.setattr(bank, "record_transfer", killed)
    with pytest.raises(KeyboardInterrupt):
        bring_in(statement, file="april.csv", actor=ACTOR)
    assert (Payment.objects.count(), BankLine.objects.count()) == (1, 1)
    done = bring_in(statement, file="april.csv", actor=ACTOR)
    assert (done.recorded, done.known, Payment.objects.count()) == (2, 1, 3)
    assert broken() == []


@pytest.mark.fr("FR-070")
def test_two_who_import_at_once_record_each_line_once(committed_db: str) -> None:
    invoices = [owed(1000) for _ in range(4)]
    statement = lines(*(f"10.00,USD,{each.number},Ada" for each in invoices))
    done: list[int] = []

    def work() -> None:
        done.append(bring_in(statement, file="april.csv", actor=ACTOR).recorded)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(done), Payment.objects.count()) == (4, 4)
    assert broken() == []


@pytest.mark.fr("FR-070", "B-11")
@pytest.mark.django_db
def test_a_line_that_names_nobody_is_a_task_until_it_is_assigned() -> None:
    one = owed()
    bring_in(lines("60.00,USD,thank you,Ada"), file="april.csv", actor=ACTOR)
    row = Difference.objects.get()
    assert (row.kind, row.fix, row.outside_amount, row.our_amount) == ("transfer_unmatched", "assign", 6000, 0)
    [made] = assign(difference_id=row.pk, invoice_id=one.pk, actor=ACTOR)
    row.refresh_from_db()
    assert (row.status, row.reason, row.account_id) == ("RESOLVED", f"Recorded for {one.account.name}.", one.account_id)
    assert (made.amount, made.method, made.reference, standing(made)) == (
        6000, "bank_transfer", "thank you", ("PAID", 0),
    )  # fmt: skip
    line = BankLine.objects.get()
    assert (line.account_id, line.recorded_at is None) == (one.account_id, False)
    assert broken() == []


@pytest.mark.fr("FR-070")
@pytest.mark.django_db
def test_an_account_without_an_invoice_and_a_look_leave_the_task_alone() -> None:
    payer(external_key="crm-7")
    bring_in(lines("60.00,USD,crm-7,Ada"), file="april.csv", actor=ACTOR)
    assert begin(at=clock.wall(), actor=ACTOR) == 1
    assert Difference.objects.get().status == "OPEN"


@pytest.mark.fr("FR-070")
@pytest.mark.django_db
def test_matching_costs_the_same_for_one_line_and_for_many() -> None:
    invoices = [owed(1000) for _ in range(8)]
    statement: list[StatementLine] = lines(*(f"10.00,USD,{each.number},Ada" for each in invoices))
    with CaptureQueriesContext(connection) as one:
        matches(statement[:1])
    with CaptureQueriesContext(connection) as many:
        matches(statement)
    assert len(one) == len(many)
