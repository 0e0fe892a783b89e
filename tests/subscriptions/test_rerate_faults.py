"""Re-ratings in trouble: what has changed meanwhile, two at once, a kill, and what cannot be."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.audit.models import Entry
from apps.invoices.models import Invoice
from apps.kernel import clock
from apps.kernel.errors import DomainError
from apps.subscriptions import due, rerating_queries
from apps.subscriptions.actions import rerate as rerating_actions
from apps.subscriptions.actions.rerate import begin_rerating, bill_rerating, go_on
from apps.subscriptions.models import ReratedSubscription, Rerating
from tests.subscriptions.lives import WALL
from tests.subscriptions.reratings import ADA, BOB, billed, corrected, piece, previewed, refused, unit, used_up, worked

# Real commits: which events an invoice holds is a matter of which transactions it has seen.
from tests.subscriptions.test_usage import begun, bill, lines, metered, time, use, whole

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.fr("B-07")]


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


def test_a_fault_of_one_subscription_stops_that_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, made = used_up()
    other = begun(plan)
    use(other, 10, "2026-04-03T10:00")
    bill(other, "2026-05-01T01:00")
    corrected(plan, unit("1"))
    rate = rerating_actions.again

    def faulty(subscription: Any, *given: Any) -> Any:
        if subscription.pk == made.pk:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return rate(subscription, *given)

    monkeypatch.setattr(rerating_actions, "again", faulty)
    rerating = previewed(plan, corrected_version=2)
    assert piece(rerating, made).error == "DataError: division by zero"
    billed(rerating)
    assert (lines(made)[-1], lines(other)[-1]) == (("usage", 1400), ("usage", -10))
    whole()
