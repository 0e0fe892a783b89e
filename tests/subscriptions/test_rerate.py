"""Re-ratings: closed periods with a corrected price, shown first, then billed or credited, once, and explained."""

from decimal import Decimal

import pytest

from apps.explain import queries as explained
from apps.explain.rules import derive
from apps.explain.words import of_line
from apps.invoices.models import Invoice, Line
from apps.subscriptions import due
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.late import sweep
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.models import Rerating, UsageTerms
from apps.usage.actions import correct
from apps.usage.models import UsageEvent
from tests.accounts.calls import Api
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.subscriptions import ACTOR
from tests.factories.tax import registered
from tests.subscriptions.lives import WALL
from tests.subscriptions.reratings import billed, corrected, piece, previewed, refused, unit, used_up, worked

# Real commits: which events an invoice holds is a matter of which transactions it has seen.
from tests.subscriptions.test_usage import begun, bill, lines, metered, time, use, whole

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.fr("B-07")]


def test_a_price_that_was_too_high_is_credited() -> None:
    registered("DE")
    plan, made = used_up(account=make_account(country="DE"))
    corrected(plan, unit("1"))
    before = (Invoice.objects.count(), lines(made), UsageTerms.objects.filter(plan_version__version=1).count())
    rerating = previewed(plan, corrected_version=2)
    # Nothing has happened yet.
    assert before == (
        Invoice.objects.count(), lines(made), UsageTerms.objects.filter(plan_version__version=1).count(),
    )  # fmt: skip
    shown = piece(rerating, made)
    assert (shown.before, shown.after, shown.total, shown.credited, shown.error) == (1400, 700, 0, 833, "")
    old = Line.objects.get(kind="usage")
    assert shown.lines == [{
        "charge": "calls", "kind": "usage", "period_start": "2026-04-01", "period_end": "2026-05-01", "before": 1400,
        "after": 700, "difference": -700, "billed_by": [{
            "line_id": str(old.pk), "invoice_id": str(old.invoice_id), "invoice_number": old.invoice.number,
            "kind": "usage", "description": old.description, "amount": 1400,
        }],
    }]  # fmt: skip
    billed(rerating)
    invoice = Invoice.objects.get(kind="supplemental")
    assert (piece(rerating, made).invoice_id, invoice.total) == (invoice.pk, 0)
    assert [(row.kind, row.amount, row.tax_amount) for row in invoice.lines.order_by("position")] == [
        ("usage", -700, -133), ("credit_to_balance", 833, 0),
    ]  # fmt: skip
    derived = derive(explained.inputs([invoice])[0])
    assert of_line(derived.lines[0], "USD").startswith("Rated again, version 1 as version 2 has it: 700 in 1 events")
    # May goes on as it was agreed.
    bill(made, "2026-06-01T01:00")
    assert set(UsageTerms.objects.values_list("period_start__month", "plan_version__version")) == {
        (4, 2), (5, 1), (6, 1),
    }  # fmt: skip
    whole()


def test_a_price_that_was_too_low_is_billed_and_what_comes_after_counts_by_the_right_one() -> None:
    plan, made = used_up("1")
    sweep(actor=ACTOR, often=True)
    corrected(plan, unit("3"))
    billed(previewed(plan, corrected_version=2))
    assert lines(made)[-1] == ("usage", 1400)
    correct.void(
        event_id=UsageEvent.objects.get().pk, reason="twice", at=time("2026-05-20T09:00"), actor=ACTOR
    )  # fmt: skip
    sweep(actor=ACTOR, often=True)
    due.run_late(time("2027-01-01T00:00"), WALL)
    assert lines(made)[-1] == ("usage", -2100)
    whole()


def test_again_without_another_version_finds_what_has_come_since() -> None:
    plan, made = used_up("1")
    rerating = previewed(plan)
    assert (piece(rerating, made).lines, piece(rerating, made).total) == ([], 0)
    billed(rerating)
    assert (piece(rerating, made).invoice_id, Invoice.objects.filter(kind="supplemental").count()) == (None, 0)
    use(made, 5, "2026-04-20T10:00", received="2026-05-04T09:00")
    billed(previewed(plan))
    assert lines(made)[-1] == ("usage", 5)
    whole()


def test_a_charge_that_is_gone_or_goes_on_from_another_is_taken_back_whole() -> None:
    """April: until the 15th at 2, from then on at 1, 10 of a minimum missing. It should have been 1 all the time."""
    plan = metered("per_unit", [{"unit_price": "2"}])
    corrected(plan, unit("1", minimum=2000))
    made = begun(plan)
    assert made.plan_version.version == 2
    third = corrected(plan, unit("2"), commitment={"USD": 9000})
    change(subscription_id=made.pk, plan_version=third, at=time("2026-04-16T00:00"), actor=ACTOR)
    use(made, 700, "2026-04-03T10:00", received="2026-04-16T01:00")
    use(made, 100, "2026-04-20T10:00")
    bill(made, "2026-05-01T01:00")
    assert lines(made)[-4:] == [("usage", 700), ("minimum", 300), ("usage", 200), ("minimum", 300)]
    # Both halves as the first version has them: one run, no minimum, no commitment.
    billed(previewed(plan, 3, corrected_version=1))
    billed(previewed(plan, 2, corrected_version=1))
    usage = sum(amount for kind, amount in lines(made) if kind in ("usage", "minimum"))
    assert usage == 1600
    whole()


def test_discounts_go_back_in_their_share() -> None:
    coupon = make_coupon(percent_off=Decimal(50), duration="forever")
    plan, _ = used_up(coupon=coupon.code)
    corrected(plan, unit("1"))
    billed(previewed(plan, corrected_version=2))
    line = Line.objects.get(invoice__kind="supplemental", kind="usage")
    assert (line.amount, line.discount_amount) == (-700, -350)
    whole()


def test_only_what_is_named_and_only_what_is_over() -> None:
    plan, april = used_up()
    other = begun(plan)
    use(other, 10, "2026-04-03T10:00")
    use(other, 20, "2026-05-03T10:00")
    use(other, 40, "2026-06-03T10:00")
    bill(other, "2026-06-01T01:00")
    corrected(plan, unit("1"))
    assert refused(plan, corrected_version=2, periods_from=time("2026-06-01T00:00").date()) == "nothing_to_rerate"
    named = previewed(
        plan, corrected_version=2, subscription_ids=[other.pk], periods_from=time("2026-05-01T00:00").date(),
        periods_until=time("2026-06-01T00:00").date(),
    )  # fmt: skip
    assert named.due == 1
    billed(named)
    assert (lines(other)[-1], lines(april)[-1]) == (("usage", -20), ("usage", 1400))
    rest = previewed(plan, corrected_version=2)
    assert rest.due == 2
    billed(rest)
    assert (lines(other)[-1], lines(april)[-1]) == (("usage", -10), ("usage", -700))
    assert refused(plan, corrected_version=2) == "nothing_to_rerate"
    whole()


def test_who_has_ended_is_rated_again_and_who_is_paused_owes_no_commitment_yet() -> None:
    plan, ended = used_up()
    cancel(subscription_id=ended.pk, at_period_end=False, at=time("2026-05-10T09:00"), actor=ACTOR)
    rests = begun(plan)
    use(rests, 100, "2026-04-03T10:00")
    pause(subscription_id=rests.pk, at=time("2026-04-10T09:00"), actor=ACTOR)
    corrected(plan, unit("1"), commitment={"USD": 50000})
    billed(previewed(plan, corrected_version=2, subscription_ids=[rests.pk]))
    assert lines(rests)[-1] == ("usage", -100)
    cancel(subscription_id=rests.pk, at_period_end=False, at=time("2026-05-10T09:00"), actor=ACTOR)
    billed(previewed(plan, corrected_version=2))
    assert [kind for kind, _ in lines(ended)[-3:]].count("minimum") >= 1
    whole()


@pytest.mark.fr("FR-139")
def test_over_the_api() -> None:
    plan, made = used_up()
    corrected(plan, unit("1"))
    api = Api("billing_admin")
    body = {"plan_id": str(plan.pk), "version": 1, "corrected_version": 2, "reason": "entered 2 for 1"}
    for wrong in ({}, {**body, "reason": ""}, {**body, "version": 0}, {**body, "x": 1}, {**body, "periods_from": "x"},
                  {**body, "subscription_ids": []}, {**body, "subscription_ids": ["x"]}):  # fmt: skip
        assert api.post("/re-ratings", wrong).status_code == 422, wrong
    for role in ("support_rep", "finance_viewer"):
        assert Api(role).get("/re-ratings").status_code == 403
        assert Api(role).post("/re-ratings", body).status_code == 403
    begun_one = api.post("/re-ratings", body)
    assert begun_one.status_code == 201, begun_one.content
    assert (begun_one.status_code, begun_one.json()["status"], begun_one.json()["previewed"]) == (201, "PREVIEWING", 0)
    path = f"/re-ratings/{begun_one.json()['id']}"
    assert api.post(f"{path}/bill", {}).status_code == 409
    worked(Rerating.objects.get())
    found = api.get(path).json()
    assert (found["status"], found["previewed"], found["sums"]) == ("PREVIEWED", 1, [
        {"currency": "USD", "subscriptions": 1, "changed": 1, "before": 1400, "after": 700, "difference": -700,
         "total": 0, "credited": 700},
    ])  # fmt: skip
    (shown,) = api.get(f"{path}/subscriptions").json()["data"]
    assert (shown["subscription_id"], shown["lines"][0]["difference"], shown["error"], shown["invoice_id"]) == (
        str(made.pk), -700, None, None,
    )  # fmt: skip
    assert shown["lines"][0]["billed_by"][0]["amount"] == 1400
    assert api.get(f"{path}/subscriptions?failed=true").json()["data"] == []
    assert api.get("/re-ratings/00000000-0000-0000-0000-000000000000/subscriptions").status_code == 404
    assert Api("support_rep").post(f"{path}/bill", {}).status_code == 403
    assert api.post(f"{path}/bill", {}, if_match='"p-000000000000"').status_code == 412
    assert api.post(f"{path}/bill", {}, if_match=f'"{found["hash"]}"').json()["status"] == "BILLING"
    worked(Rerating.objects.get())
    done = api.get(f"/re-ratings?plan_id={plan.pk}&status=FINISHED").json()["data"][0]
    assert (done["done"], done["failed"], done["status"]) == (1, 0, "FINISHED")
    (shown,) = api.get(f"{path}/subscriptions?failed=false").json()["data"]
    assert api.get(f"/invoices/{shown['invoice_id']}/explain").json()["holds"] is True
    whole()
