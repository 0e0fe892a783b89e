"""GET /v1/invoices/{id}/usage: just the events that an invoice was made of."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.invoices.models import Invoice
from apps.subscriptions import due
from apps.subscriptions.actions.late import sweep
from apps.subscriptions.actions.void import void as void_invoice
from apps.usage.actions.correct import void
from apps.usage.models import UsageEvent
from tests.accounts.calls import Api
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR
from tests.subscriptions.lives import WALL
from tests.subscriptions.test_usage import TIERS, begun, bill, metered, time, use

# Real commits: which events an invoice holds is a matter of which transactions it has seen.
pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.fr("B-03")]


def listed(invoice: Invoice, query: str = "") -> list[tuple[str, bool]]:
    """Quantity, and whether it is void by now, of each event that the invoice holds."""
    answer = Api().get(f"/invoices/{invoice.pk}/usage{query}")
    assert answer.status_code == 200, answer.content
    return [(each["quantity"], each["voided_at"] is not None) for each in answer.json()["data"]]


def renewal() -> Invoice:
    return Invoice.objects.filter(lines__kind="usage", kind="subscription").distinct().get()


def test_what_came_and_was_voided_later_changes_nothing_of_it() -> None:
    made = begun(metered())
    sweep(actor=ACTOR, often=True)
    for quantity in (700, 800):
        use(made, quantity, "2026-04-03T10:00")
    gone = UsageEvent.objects.get(quantity=700).pk
    use(made, 5, "2026-05-01T00:00")
    bill(made, "2026-05-01T01:00")
    assert listed(renewal()) == [("800", False), ("700", False)]
    use(made, 600, "2026-04-20T10:00", received="2026-05-04T09:00")
    void(event_id=gone, reason="twice", at=time("2026-05-04T10:00"), actor=ACTOR)
    assert listed(renewal()) == [("800", False), ("700", True)]
    sweep(actor=ACTOR, often=True)
    due.run_late(time("2027-01-01T00:00"), WALL)
    late = Invoice.objects.get(kind="supplemental")
    assert listed(late) == [("600", False), ("800", False)]
    (line,) = [each for each in Api().get(f"/invoices/{late.pk}/explain").json()["lines"] if each["kind"] == "usage"]
    assert line["events"] == 2
    assert listed(late, "?" + line["usage_url"].partition("?")[2]) == listed(late)


def test_a_void_invoice_still_lists_its_events() -> None:
    made = begun(metered())
    use(made, 1500, "2026-04-03T10:00")
    bill(made, "2026-05-01T01:00")
    first = renewal()
    use(made, 100, "2026-04-20T10:00", received="2026-05-04T09:00")
    void_invoice(invoice_id=first.pk, reason="wrong address", at=time("2026-05-05T09:00"), actor=ACTOR)
    assert listed(first) == [("1500", False)]
    assert listed(Invoice.objects.get(kind="correction")) == [("100", False), ("1500", False)]


def two_charges() -> Any:
    charge = {"metric": "api_calls", "model": "graduated", "prices": {"USD": {"tiers": TIERS[1:]}}}
    return make_plan(prices={"USD": 0}, charges=[
        {"key": "eu", "filter": {"region": "eu"}, **charge}, {"key": "large", "filter": {"size": [2, 3]}, **charge},
    ])  # fmt: skip


def test_an_event_of_two_lines_is_listed_once_and_each_line_has_its_own() -> None:
    made = begun(two_charges())
    for quantity, properties in ((1, {"region": "eu"}), (2, {"region": "eu", "size": 2}), (3, {"size": 3}), (4, {})):
        use(made, quantity, "2026-04-03T10:00", properties=properties)
    bill(made, "2026-05-01T01:00")
    invoice = renewal()
    assert [quantity for quantity, _ in listed(invoice)] == ["3", "2", "1"]
    lines = {line["usage_url"] for line in Api().get(f"/invoices/{invoice.pk}/explain").json()["lines"]} - {None}
    own = [listed(invoice, "?" + url.partition("?")[2]) for url in lines]
    assert sorted([quantity for quantity, _ in each] for each in own) == [["2", "1"], ["3", "2"]]


def test_pages_follow_one_another_and_cost_the_same() -> None:
    made = begun(metered())
    for quantity in range(1, 8):
        use(made, quantity * 500, "2026-04-03T10:00")
    bill(made, "2026-05-01T01:00")
    api, path = Api(), f"/invoices/{renewal().pk}/usage?limit=3"
    api.get(path)
    found, cursor, costs = [], "", set()
    while True:
        with CaptureQueriesContext(connection) as queries:
            page = api.get(f"{path}{cursor}").json()
        costs.add(len(queries))
        found += [int(each["quantity"]) for each in page["data"]]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == [quantity * 500 for quantity in range(7, 0, -1)]
    assert len(costs) == 1


def test_refusals_and_what_has_no_usage() -> None:
    made = begun(metered())
    first = Invoice.objects.get()
    assert listed(first) == []
    api = Api()
    unknown = api.get(f"/invoices/{first.pk}/usage?line_id={made.pk}")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "line_unknown")
    assert api.get(f"/invoices/{made.pk}/usage").json()["code"] == "invoice_not_found"
    assert api.get(f"/invoices/{first.pk}/usage?cursor=x").status_code == 400
    assert api.get(f"/invoices/{first.pk}/usage?metric=x").status_code == 422
    assert api.post(f"/invoices/{first.pk}/usage", {}).status_code == 405
    for role, status in (("finance_viewer", 200), ("support_rep", 200), (None, 401)):
        assert Api(role).get(f"/invoices/{first.pk}/usage").status_code == status
