"""Re-ratings: closed periods with a corrected price, shown first, then billed or credited, once, and explained."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.audit.models import Entry
from apps.explain import queries as explained
from apps.explain.rules import derive
from apps.explain.words import of_line
from apps.invoices.models import Invoice, Line
from apps.kernel import clock
from apps.kernel.actors import Actor
from apps.kernel.errors import DomainError
from apps.kernel.schedule import Scope
from apps.plans import actions as plans
from apps.plans.models import Plan
from apps.subscriptions import due, rerating_queries
from apps.subscriptions.actions import rerate as rerating_actions
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.late import sweep
from apps.subscriptions.actions.pause import pause
from apps.subscriptions.actions.rerate import begin_rerating, bill_rerating, go_on
from apps.subscriptions.models import ReratedSubscription, Rerating, Subscription, UsageTerms
from apps.usage.actions import correct
from apps.usage.models import UsageEvent
from tests.accounts.calls import Api
from tests.factories.accounts import make_account
from tests.factories.coupons import make_coupon
from tests.factories.subscriptions import ACTOR
from tests.factories.tax import registered
from tests.subscriptions.lives import WALL

# Real commits: which events an invoice holds is a matter of which transactions it has seen.
from tests.subscriptions.test_usage import begun, bill, lines, metered, time, use, whole

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.fr("B-07")]
ADA, BOB = Actor("user", "1"), Actor("user", "2")


def unit(price: str, **money: Any) -> dict[str, Any]:
    return {"key": "calls", "metric": "api_calls", "model": "per_unit",
            "prices": {"USD": {"tiers": [{"unit_price": price}], **money}}}  # fmt: skip


def corrected(plan: Plan, *charges: dict[str, Any], **changes: Any) -> int:
    """A new version of it with these charges; its number."""
    changed = plans.update(
        plan_id=plan.pk, changes={"charges": list(charges), **changes}, expected_version=None, at=clock.wall(),
        actor=ACTOR,
    )  # fmt: skip
    return int(changed.current_version)


def worked(rerating: Rerating) -> Rerating:
    """As workers go on with it."""
    assert due.earliest_rerating(clock.wall(), WALL) is not None
    assert due.earliest_rerating(clock.wall(), Scope(rerating.pk)) is None
    while due.earliest_rerating(clock.wall(), WALL):
        due.run_reratings(clock.wall(), WALL)
    rerating.refresh_from_db()
    return rerating


def previewed(plan: Plan, version: int = 1, **options: Any) -> Rerating:
    found = worked(
        begin_rerating(**{"plan_id": plan.pk, "version": version, "reason": "typo", "actor": ADA, **options})
    )
    assert found.status == "PREVIEWED"
    return found


def billed(rerating: Rerating) -> Rerating:
    done = worked(bill_rerating(rerating_id=rerating.pk, expected_preview=rerating.hash, actor=BOB))
    assert (done.status, done.finished_at is not None) == ("FINISHED", True)
    return done


def piece(rerating: Rerating, made: Subscription) -> ReratedSubscription:
    return ReratedSubscription.objects.get(rerating=rerating, subscription=made)


def refused(plan: Plan, **options: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        begin_rerating(**{"plan_id": plan.pk, "version": 1, "reason": "typo", "actor": ADA, **options})
    return refusal.value.code


def used_up(price: str = "2", **options: Any) -> tuple[Plan, Subscription]:
    """A plan at a wrong price, and somebody with 700 calls in April, billed in May."""
    plan = metered("per_unit", [{"unit_price": price}])
    made = begun(plan, **options)
    use(made, 700, "2026-04-03T10:00")
    bill(made, "2026-05-01T01:00")
    return plan, made


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


def test_what_comes_to_something_else_by_then_is_left_as_it_is() -> None:
    plan, made = used_up()
    _, same = plan, begun(plan)
    use(same, 10, "2026-04-03T10:00")
    bill(same, "2026-05-01T01:00")
    corrected(plan, unit("1"))
    rerating = previewed(plan, corrected_version=2)
    use(made, 5, "2026-04-20T10:00", received="2026-05-04T09:00")
    billed(rerating)
    left = piece(rerating, made)
    assert (left.error.partition(":")[0], left.invoice_id) == ("preview_changed", None)
    assert (lines(made)[-1], lines(same)[-1]) == (("usage", 1400), ("usage", -10))
    again = previewed(plan, corrected_version=2)
    assert (again.due, piece(again, made).after) == (1, 705)
    billed(again)
    assert lines(made)[-1] == ("usage", -695)
    whole()


def test_two_workers_a_kill_and_a_second_press_bill_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, made = used_up()
    others = [begun(plan) for _ in range(3)]
    for other in others:
        use(other, 10, "2026-04-03T10:00")
        bill(other, "2026-05-01T01:00")
    corrected(plan, unit("1"))
    rerating = previewed(plan, corrected_version=2)
    assert bill_rerating(rerating_id=rerating.pk, actor=BOB).status == "BILLING"
    one, done = rerating_actions._one, []

    def killed(*given: Any, **options: Any) -> bool:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(one(*given, **options))
        return True

    monkeypatch.setattr(rerating_actions, "_one", killed)
    with pytest.raises(KeyboardInterrupt):
        go_on(Rerating.objects.get(), until=clock.monotonic() + 60)
    monkeypatch.setattr(rerating_actions, "_one", one)
    assert ReratedSubscription.objects.exclude(done_at=None).count() == 2
    assert bill_rerating(rerating_id=rerating.pk, actor=ADA).billed_by == str(BOB)
    worked(rerating)
    assert bill_rerating(rerating_id=rerating.pk, actor=ADA).status == "FINISHED"
    assert sorted(lines(each)[-1][1] for each in (made, *others)) == [-700, -10, -10, -10]
    assert Invoice.objects.filter(kind="supplemental").count() == 4
    assert due.run_reratings(clock.wall(), WALL) == 0
    assert Entry.objects.filter(table_name="subscriptions_rerating", actor=str(BOB)).exists()
    whole()


def test_two_re_ratings_by_many_workers_at_once_bill_each_difference_once() -> None:
    plan, first = used_up()
    made = [first, *(begun(plan) for _ in range(5))]
    for other in made[1:]:
        use(other, 10, "2026-04-03T10:00")
        bill(other, "2026-05-01T01:00")
    corrected(plan, unit("1"))
    both = [previewed(plan, corrected_version=2) for _ in range(2)]
    for rerating in both:
        bill_rerating(rerating_id=rerating.pk, actor=BOB)

    def work(index: int) -> int:
        try:
            return go_on(rerating_queries.reratings().get(pk=both[index % 2].pk), until=clock.monotonic() + 60)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(work, range(6))) == 12
    assert set(Rerating.objects.values_list("status", flat=True)) == {"FINISHED"}
    pieces = ReratedSubscription.objects.all()
    # Whoever came second found nothing to correct any more.
    assert sorted(each.error.partition(":")[0] for each in pieces) == [""] * 6 + ["preview_changed"] * 6
    assert sorted(lines(each)[-1][1] for each in made) == [-700, -10, -10, -10, -10, -10]
    assert Invoice.objects.filter(kind="supplemental").count() == 6
    whole()


def test_what_cannot_be() -> None:
    plan, _ = used_up()
    corrected(plan, unit("1"))
    stranger = begun(metered())
    assert refused(plan, version=9) == "plan_version_unknown"
    assert refused(plan, version=2) == "nothing_to_rerate"
    assert refused(plan, subscription_ids=[stranger.pk]) == "subscription_not_counted"
    day = time("2026-05-01T00:00").date()
    assert refused(plan, periods_from=day, periods_until=day) == "periods_empty"
    assert refused(plan, corrected_version=corrected(plan, unit("1"), tax_code="ebook")) == "versions_differ"
    rerating = begin_rerating(plan_id=plan.pk, version=1, reason="x", actor=ADA)
    for expected, code in ((None, "rerating_not_previewed"),):
        with pytest.raises(DomainError) as refusal:
            bill_rerating(rerating_id=rerating.pk, expected_preview=expected, actor=ADA)
        assert refusal.value.code == code
    worked(rerating)
    with pytest.raises(DomainError) as stale:
        bill_rerating(rerating_id=rerating.pk, expected_preview="p-0", actor=ADA)
    assert (stale.value.code, stale.value.status) == ("preview_changed", 412)
    with pytest.raises(IntegrityError, match="may not go"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE subscriptions_rerating SET status = 'FINISHED' WHERE id = %s", [rerating.pk])
    for column, name in (
        ("due = 0", "rerating_of_some"), ("status = 'soon'", "rerating_"), ("reason = ''", "rerating_has_a_reason"),
        ("billed_by = 'x'", "rerating_billed_by"), ("finished_at = now()", "rerating_finished"),
        ("periods_from = '2026-05-01', periods_until = '2026-05-01'", "rerating_periods"),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE subscriptions_rerating SET {column} WHERE id = %s", [rerating.pk])


def test_a_piece_is_previewed_before_it_is_billed_and_there_once() -> None:
    plan, made = used_up()
    rerating = begin_rerating(plan_id=plan.pk, version=1, reason="x", actor=ADA)
    for column, name in (
        ("done_at = now()", "rerated_after_its_preview"),
        ("previewed_at = now(), error = 'x', invoice_id = id", "rerated_or_not"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE subscriptions_reratedsubscription SET {column}")
    with pytest.raises(IntegrityError, match="rerated_once"), transaction.atomic():
        ReratedSubscription.objects.create(rerating=rerating, subscription=made, currency="USD")


def test_a_currency_that_the_corrected_version_lacks_is_an_error_of_that_subscription() -> None:
    plan, made = used_up()
    other = begun(plan)
    use(other, 10, "2026-04-03T10:00")
    bill(other, "2026-05-01T01:00")
    euro = {**unit("1"), "prices": {"EUR": {"tiers": [{"unit_price": "1"}]}}}
    corrected(plan, euro, prices={"EUR": 3000})
    rerating = previewed(plan, corrected_version=2)
    assert {each.error.partition(":")[0] for each in ReratedSubscription.objects.all()} == {"price_missing"}
    billed(rerating)
    assert lines(made)[-1] == ("usage", 1400)
    assert Invoice.objects.filter(kind="supplemental").count() == 0


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
