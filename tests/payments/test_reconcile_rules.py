"""What is a difference, charge by charge, without a database."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.payments.reconcile_rules import Charge, DifferenceKind, Fix, findings
from apps.payments.rules import Status

AGREED = Charge(
    charge_id="pi_1", currency="USD", charged=5000, refunded=1000, withdrawn=500, refunds=("re_1",), disputes=("du_1",),
    payment_id=uuid4(), status=Status.SUCCEEDED, known_as="pi_1", our_currency="USD", amount=5000, amount_refunded=1000,
    amount_charged_back=500, account_id=uuid4(), payable=True,
)  # fmt: skip
UNKNOWN = replace(
    AGREED, payment_id=None, status=None, known_as=None, our_currency="", amount=0, amount_refunded=0,
    amount_charged_back=0,
)  # fmt: skip


@pytest.mark.fr("B-11")
@pytest.mark.parametrize(
    ("charge", "found"),
    [
        (AGREED, []),
        (replace(AGREED, charged=5001), [("amount_differs", "by_hand", 5001, 5000)]),
        (replace(AGREED, currency="EUR"), [("amount_differs", "by_hand", 5000, 5000)]),
        (replace(AGREED, refunded=0), [("refunds_differ", "look_again", 0, 1000)]),
        (
            replace(AGREED, refunded=900, withdrawn=0),
            [("refunds_differ", "look_again", 900, 1000), ("disputes_differ", "look_again", 0, 500)],
        ),
        (replace(AGREED, currency="", charged=0), [("payment_not_at_gateway", "look_again", 0, 5000)]),
        (UNKNOWN, [("charge_unknown", "take_over", 5000, 0)]),
        (replace(UNKNOWN, account_id=None), [("charge_unknown", "by_hand", 5000, 0)]),
        (replace(UNKNOWN, payable=False), [("charge_unknown", "by_hand", 5000, 0)]),
        (replace(UNKNOWN, refunded=4500), []),
        (replace(AGREED, status=Status.FAILED), [("charge_not_recorded", "record", 5000, 0)]),
        (replace(AGREED, status=Status.FAILED, currency="EUR"), [("charge_not_recorded", "by_hand", 5000, 0)]),
        (replace(AGREED, status=Status.FAILED, charged=0), []),
        (replace(AGREED, status=Status.PENDING, known_as=None), [("charge_not_recorded", "record", 5000, 0)]),
        (replace(AGREED, status=Status.PENDING), []),
    ],
)
def test_what_differs_and_what_mends_it(charge: Charge, found: list[tuple[str, str, int, int]]) -> None:
    assert [(each.kind.value, each.fix.value, each.outside, each.ours) for each in findings(charge)] == found


@given(
    st.builds(
        Charge,
        charge_id=st.just("pi_1"),
        currency=st.sampled_from(["", "USD", "EUR"]),
        charged=st.integers(0, 3),
        refunded=st.integers(0, 3),
        withdrawn=st.integers(0, 3),
        refunds=st.just(("re_1",)),
        disputes=st.just(("du_1",)),
        payment_id=st.none() | st.uuids(),
        status=st.none() | st.sampled_from(Status),
        known_as=st.none(),
        our_currency=st.just("USD"),
        amount=st.integers(1, 3),
        amount_refunded=st.integers(0, 3),
        amount_charged_back=st.integers(0, 3),
        account_id=st.none() | st.uuids(),
        payable=st.booleans(),
    )
)
def test_each_kind_is_found_once_and_nothing_is_mended_that_has_no_owner(charge: Charge) -> None:
    found = findings(charge)
    assert len({each.kind for each in found}) == len(found)
    assert all(each.outside != each.ours or each.kind is DifferenceKind.AMOUNT_DIFFERS for each in found)
    assert all(charge.account_id for each in found if each.fix is Fix.TAKE_OVER)
