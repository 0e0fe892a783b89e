"""What staff see of usage."""

import pytest

from apps.access.rules import Role
from apps.kernel.ids import uuid7
from apps.usage.actions.correct import void
from apps.usage.models import Correction, MeterWindow, UsageEvent
from tests.accounts.test_admin import staff
from tests.backoffice.desk import detail, found
from tests.factories.accounts import ACTOR
from tests.factories.usage import AT, opened, used

pytestmark = pytest.mark.django_db


def test_found_by_whole_ids_and_shown():
    one, other = opened(external_key="mine"), opened()
    ids = list(used(one.subscription_id, "1.50", 2).stored.values())
    used(other.subscription_id, 3)
    void(event_id=ids[0], reason="twice", at=AT, actor=ACTOR)
    browser = staff(Role.FINANCE_VIEWER)
    assert len(found(browser, UsageEvent)) == 3
    assert found(browser, UsageEvent, q=str(one.subscription_id)) == set(ids)
    assert found(browser, UsageEvent, q=str(ids[0])) == {ids[0]}
    assert found(browser, UsageEvent, q="mine") == found(browser, UsageEvent, q=str(uuid7())) == set()
    correction = Correction.objects.get()
    assert found(browser, Correction, q=str(ids[0])) == {correction.pk}
    window = MeterWindow.objects.get(subscription_id=one.subscription_id)
    for term in ("mine", str(one.subscription_id), str(one.account_id), str(window.pk)):
        assert found(browser, MeterWindow, q=term) == {window.pk}
    for row, text in ((UsageEvent.objects.get(pk=ids[0]), "1.5"), (correction, "twice"), (window, "api calls")):
        assert text in browser.get(detail(row)).content.decode()
