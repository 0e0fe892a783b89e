"""The account as answers and events show it."""

from typing import Any

import pytest

from apps.accounts.objects import AccountObject, account_objects
from tests.factories.accounts import make_account

pytestmark = pytest.mark.django_db

FIELDS = (
    "id external_key email name currency timezone locale country address tax_exempt tax_id net_terms_days"
    " invoice_grouping purchase_order buyer_reference overdue_status dispute_hold default_payment_method_id"
    " credit_balance test_clock_id metadata deleted_at created_at updated_at url"
)


def test_it_has_the_members_that_callers_rely_on() -> None:
    assert AccountObject.__struct_fields__ == tuple(FIELDS.split())


def test_empty_strings_show_as_null_and_net_terms_as_they_count(settings: Any) -> None:
    settings.BILLING_NET_TERMS_DAYS = 14
    plain, own = account_objects([make_account(), make_account(net_terms_days=0, tax_id="X1")])
    assert (plain.tax_id, plain.purchase_order, plain.buyer_reference) == (None, None, None)
    assert (plain.net_terms_days, own.net_terms_days, own.tax_id) == (14, 0, "X1")


def test_they_come_in_the_order_asked_for_at_a_fixed_cost(django_assert_num_queries: Any) -> None:
    accounts = [make_account(name=str(number)) for number in range(4)]
    with django_assert_num_queries(2):  # what payments and credits contribute
        shown = account_objects(accounts[::-1])
    assert [one.name for one in shown] == ["3", "2", "1", "0"]
