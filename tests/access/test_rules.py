"""The role table against the specification's, written out once more."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.access import rules

SPECIFICATION = """
accounts, payment_methods, dispute_hold | W | R | W | R
plans, coupons, tax_rates, dunning_policies | W | W | R | R
subscriptions, test_clocks, billing_runs | W | W | R | R
subscriptions.life | W | W | W | R
invoices, credit_notes, credits | W | W | W | R
payments, refunds, bank_transfers, reconciliation | W | W | R | R
payments.collect | W | W | W | R
usage | W | W | R | R
analytics, ledger, reports, exports | R | R | - | R
webhooks, events, deliveries | W | W | R | -
write_off, period_close, bulk_moves, reratings | W | W | - | -
users, roles, api_keys, audit, settings, pending_work | W | - | - | -
"""
ROLES = ("super_admin", "billing_admin", "support_rep", "finance_viewer")
RIGHTS = {"-": set(), "R": {"read"}, "W": {"read", "write"}}
CELLS = [
    (role, resource.strip(), letter.strip())
    for line in SPECIFICATION.strip().splitlines()
    for resource in line.split("|")[0].split(",")
    for role, letter in zip(ROLES, line.split("|")[1:], strict=True)
]


@pytest.mark.fr("FR-139")
@pytest.mark.parametrize(("role", "resource", "letter"), CELLS)
def test_each_cell_of_the_table(role: str, resource: str, letter: str) -> None:
    assert {right for right in ("read", "write") if rules.may(role, resource, right)} == RIGHTS[letter]


def test_the_table_has_no_other_resources() -> None:
    assert set(rules.TABLE) == {resource for _, resource, _ in CELLS}


def test_an_unknown_role_may_nothing() -> None:
    assert not rules.may("intern", "usage", "read")


def test_two_roles_have_the_rights_of_both() -> None:
    assert rules.any_may(["support_rep", "finance_viewer"], "ledger", "read")
    assert rules.any_may(["support_rep", "finance_viewer"], "accounts", "write")
    assert not rules.any_may(["support_rep", "finance_viewer"], "ledger", "write")
    assert not rules.any_may([], "usage", "read")


NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("revoked", "expires", "replaced", "state"),
    [(None, None, False, "WORKS"), (None, 1, False, "WORKS"), (None, 1, True, "IN_OVERLAP"), (None, 0, True, "EXPIRED"),
     (None, -1, False, "EXPIRED"), (-5, 1, True, "REVOKED"), (-5, -9, False, "REVOKED"),
     (None, None, True, "IN_OVERLAP")],
)  # fmt: skip
def test_what_a_key_is_worth(revoked: int | None, expires: int | None, replaced: bool, state: str) -> None:
    def moment(days: int | None) -> datetime | None:
        return None if days is None else NOW + timedelta(days=days)

    assert (
        rules.key_state(revoked_at=moment(revoked), expires_at=moment(expires), replaced=replaced, at=NOW).value
        == state
    )
