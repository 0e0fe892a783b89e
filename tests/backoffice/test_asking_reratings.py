"""Staff rate closed periods again: what differs is shown for each subscription, and billed once it was seen."""

import pytest

from apps.access.rules import Role
from apps.invoices.models import Invoice
from apps.subscriptions.models import Rerating
from tests.accounts.test_admin import staff
from tests.backoffice.asking import asked
from tests.subscriptions.test_rerate import corrected, unit, used_up, worked
from tests.subscriptions.test_usage import lines, whole

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.fr("B-07", "FR-139")]


def test_a_wrong_price_is_corrected_after_its_amounts_were_seen() -> None:
    plan, made = used_up()
    corrected(plan, unit("1"))
    browser = staff(Role.BILLING_ADMIN)
    given = {"version": "1", "corrected_version": "2", "periods_from": "2026-04-01", "periods_until": ""}
    page = asked(browser, "plans_plan_rate_again", plan)
    assert "This field is required" in page.confirm(**given, reason="")
    assert page.confirm(**given, reason="2 for 1") == "1 subscriptions are rated again, to be looked at."
    rerating = Rerating.objects.get()
    assert "not there yet" in asked(browser, "subscriptions_rerating_bill", rerating).open().page
    worked(rerating)
    look = asked(browser, "subscriptions_rerating_bill", rerating).look()
    assert "USD 1 of 1 14.00 USD 7.00 USD -7.00 USD 0.00 USD 7.00 USD" in look.page
    assert Invoice.objects.filter(kind="supplemental").count() == 0
    assert look.confirm() == "The differences of 1 subscriptions are billed or credited."
    # A second press changes nothing.
    look.confirm()
    assert "billed already" in asked(browser, "subscriptions_rerating_bill", rerating).open().page
    worked(rerating)
    assert (lines(made)[-1], Rerating.objects.get().status) == (("usage", -700), "FINISHED")
    assert asked(staff(Role.SUPPORT_REP), "subscriptions_rerating_bill", rerating).open().status == 403
    whole()
