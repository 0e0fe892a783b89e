"""The posting table: every row by its figures, and any sequence of them balances."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.kernel.errors import Invalid
from apps.kernel.money import MAX_AMOUNT
from apps.ledger import rules
from apps.ledger.rules import Head, Kind, LedgerAccount, NewEntry, NewPosting

HEAD: Head = {
    "currency": "EUR",
    "source_type": "invoice",
    "source_id": UUID(int=1),
    "account_id": UUID(int=2),
    "on": date(2026, 4, 15),
}


def figures(entry: NewEntry) -> dict[str, int]:
    return {posting.ledger_account.value: posting.amount for posting in entry.postings}


def test_issue() -> None:
    entry = rules.issue(deferred=4900, revenue=100, tax=950, **HEAD)
    assert figures(entry) == {"receivable": 5950, "deferred_revenue": -4900, "revenue": -100, "tax_payable": -950}
    assert (entry.kind, entry.currency, entry.on) == (Kind.ISSUE, "EUR", date(2026, 4, 15))


def test_issue_with_a_net_below_zero() -> None:
    entry = rules.issue(deferred=-45935, tax=-8728, credit=54663, **HEAD)
    assert figures(entry) == {"deferred_revenue": 45935, "tax_payable": 8728, "customer_credit": -54663}


def test_an_issue_of_nothing_has_no_postings() -> None:
    assert rules.issue(**HEAD).postings == ()


def test_credit_note() -> None:
    entry = rules.credit_note(deferred=2000, tax=380, **HEAD)
    assert figures(entry) == {"receivable": -2380, "deferred_revenue": 2000, "tax_payable": 380}
    assert rules.credit_note(**HEAD).postings == ()


def test_a_credit_note_on_what_was_paid_leaves_credit() -> None:
    entry = rules.credit_note(revenue=100, tax=19, credit=119, **HEAD)
    assert figures(entry) == {"revenue": 100, "tax_payable": 19, "customer_credit": -119}


@pytest.mark.parametrize(
    ("rule", "debit", "credit"),
    [
        (rules.payment, "gateway_clearing", "receivable"),
        (rules.overpayment, "gateway_clearing", "customer_credit"),
        (rules.refund, "receivable", "gateway_clearing"),
        (rules.chargeback, "receivable", "gateway_clearing"),
        (rules.write_off, "bad_debt_expense", "receivable"),
        (rules.credit_use, "customer_credit", "receivable"),
        (rules.grant, "goodwill_expense", "customer_credit"),
        (rules.expiry, "customer_credit", "breakage_revenue"),
        (rules.recognition, "deferred_revenue", "revenue"),
    ],
)
def test_moves(rule: object, debit: str, credit: str) -> None:
    assert figures(rule(amount=2287, **HEAD)) == {debit: 2287, credit: -2287}
    assert rule(amount=0, **HEAD).postings == ()
    with pytest.raises(ValueError, match="opposite event"):
        rule(amount=-1, **HEAD)


def test_money_by_bank_transfer_lies_on_the_bank_account() -> None:
    assert figures(rules.payment(amount=5, into=LedgerAccount.BANK, **HEAD)) == {"bank": 5, "receivable": -5}
    assert figures(rules.overpayment(amount=5, into=LedgerAccount.BANK, **HEAD)) == {"bank": 5, "customer_credit": -5}
    assert figures(rules.refund(amount=5, out_of=LedgerAccount.BANK, **HEAD)) == {"receivable": 5, "bank": -5}


def test_a_reversal_is_the_opposite_under_its_own_source() -> None:
    issued = rules.issue(deferred=4900, tax=931, **HEAD)
    void = rules.reversal(issued, kind=Kind.VOID, source_type="void", source_id=uuid4(), on=date(2026, 5, 1))
    assert figures(void) == {account: -amount for account, amount in figures(issued).items()}
    assert (void.kind, void.account_id, void.on) == (Kind.VOID, issued.account_id, date(2026, 5, 1))


@pytest.mark.parametrize("amount", [MAX_AMOUNT + 1, -MAX_AMOUNT - 1])
def test_more_than_the_bound_is_refused(amount: int) -> None:
    with pytest.raises(Invalid) as refusal:
        NewPosting(LedgerAccount.BANK, amount)
    assert refusal.value.code == "amount_too_large"
    assert NewPosting(LedgerAccount.BANK, MAX_AMOUNT).amount == MAX_AMOUNT


def test_parts_within_the_bound_whose_sum_is_beyond_it_are_refused() -> None:
    with pytest.raises(Invalid):
        rules.issue(deferred=MAX_AMOUNT, tax=1, **HEAD)


def test_a_posting_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="zero"):
        NewPosting(LedgerAccount.BANK, 0)


def test_an_entry_that_does_not_balance_cannot_be_made() -> None:
    postings = (NewPosting(LedgerAccount.BANK, 5), NewPosting(LedgerAccount.REVENUE, -4))
    with pytest.raises(ValueError, match="balances"):
        NewEntry(kind=Kind.ISSUE, postings=postings, **HEAD)


amounts = st.integers(0, 10**12)
signed = st.integers(-(10**12), 10**12)
moves = st.sampled_from(
    [
        rules.payment, rules.overpayment, rules.refund, rules.chargeback, rules.write_off, rules.credit_use,
        rules.grant, rules.expiry, rules.recognition,
    ]
)  # fmt: skip
any_entry = st.one_of(
    st.builds(lambda rule, amount: rule(amount=amount, **HEAD), moves, amounts),
    st.builds(
        lambda d, r, t, c: rules.issue(deferred=d, revenue=r, tax=t, credit=c, **HEAD), signed, signed, signed, amounts
    ),
    st.builds(lambda d, r, t: rules.credit_note(deferred=d, revenue=r, tax=t, **HEAD), signed, signed, signed),
)


@given(st.lists(any_entry, max_size=30))
def test_any_sequence_of_events_balances(entries: list[NewEntry]) -> None:
    for entry in entries:
        assert sum(posting.amount for posting in entry.postings) == 0
        assert len(entry.postings) != 1
        assert len({posting.ledger_account for posting in entry.postings}) == len(entry.postings)
    mirrored = [rules.reversal(e, kind=Kind.VOID, source_type="x", source_id=e.source_id, on=e.on) for e in entries]
    total: dict[str, int] = {}
    for entry in [*entries, *mirrored]:
        for account, amount in figures(entry).items():
            total[account] = total.get(account, 0) + amount
    assert not any(total.values())
