"""A coupon that is taken off a subscription: it counts for nothing from the next charge on; what is billed stays."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from apps.coupons import actions as coupons
from apps.coupons.models import Attachment, Coupon
from apps.events.models import Event
from apps.invoices.models import Invoice, Line
from apps.kernel import clock
from apps.kernel.errors import DomainError
from apps.monitoring.invariants import broken
from apps.subscriptions.actions.cancel import cancel
from apps.subscriptions.actions.change import change
from apps.subscriptions.actions.detach import detach
from apps.subscriptions.actions.renew import renew
from apps.subscriptions.actions.void import void
from apps.subscriptions.models import Subscription
from tests.accounts.calls import Api
from tests.backoffice.desk import actors
from tests.explain.holding import unexplained
from tests.factories.coupons import make_coupon
from tests.factories.plans import make_plan
from tests.factories.subscriptions import ACTOR, make_subscription
from tests.subscriptions.test_change import noon

pytestmark = pytest.mark.fr("B-09")


def half_off(**fields: Any) -> tuple[Subscription, Coupon]:
    """49.00 a month from 1 April on, and a coupon of half of it on every invoice."""
    half = make_coupon(duration="forever", **fields)
    return make_subscription(coupon=half.code, at=noon("2026-04-01")), half


def off(made: Subscription, half: Coupon, day: str, **more: Any) -> Subscription:
    return detach(subscription_id=made.pk, coupon_id=half.pk, at=noon(day), actor=ACTOR, **more)


def lines(made: Subscription) -> list[tuple[int, int]]:
    """Amount and discount on invoices that stand, in order."""
    rows = Line.objects.filter(subscription_id=made.pk).exclude(invoice__status="VOID")
    return list(rows.order_by("invoice__number", "position").values_list("amount", "discount_amount"))


@pytest.mark.django_db
@pytest.mark.fr("SC-009")
def test_what_is_billed_stays_and_what_is_charged_from_now_on_is_whole() -> None:
    made, half = half_off()
    assert Event.objects.get(event_type="subscription.created").data["object"]["coupons"][0]["code"] == half.code
    detached = off(made, half, "2026-04-10")
    assert (detached.version, lines(made)) == (2, [(4900, 2450)])
    larger = make_plan(prices={"USD": 9900})
    change(subscription_id=made.pk, plan_id=larger.pk, at=noon("2026-04-15"), actor=ACTOR)
    # The credit is of what was charged, half of it; the new charge is whole.
    assert lines(made)[1:] == [(-2613, -1306), (5280, 0)]
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    assert lines(made)[3:] == [(9900, 0)]
    assert (broken(), unexplained()) == ([], [])


@pytest.mark.django_db
@pytest.mark.fr("FR-130")
def test_it_is_told_with_what_was_attached() -> None:
    made, half = half_off()
    off(made, half, "2026-04-10")
    event = Event.objects.get(event_type="subscription.updated")
    attached = {"coupon_id": str(half.pk), "code": half.code, "attached_at": "2026-04-01T12:00:00Z"}
    assert event.data["previous_attributes"] == {"coupons": [attached]}
    assert (event.data["object"]["coupons"], event.effective_at) == ([], noon("2026-04-10"))
    row = Attachment.objects.get()
    assert (row.detached_at, row.subscription_id) == (noon("2026-04-10"), made.pk)


@pytest.mark.django_db
def test_what_fell_due_before_is_billed_with_it_first() -> None:
    made, half = half_off()
    off(made, half, "2026-06-01")  # no run has been by since April; June begins today
    assert lines(made) == [(4900, 2450), (4900, 2450)]
    renew([made.pk], at=noon("2026-06-01"), actor=ACTOR)
    assert lines(made)[2:] == [(4900, 0)]
    assert broken() == []


@pytest.mark.django_db
def test_a_corrected_invoice_gives_again_what_the_first_gave() -> None:
    made, half = half_off()
    first = Invoice.objects.get()
    off(made, half, "2026-04-10")
    void(invoice_id=first.pk, reason="wrong address", at=noon("2026-04-11"), actor=ACTOR)
    assert lines(made) == [(4900, 2450)]
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    assert lines(made)[1:] == [(4900, 0)]
    assert (broken(), unexplained()) == ([], [])


@pytest.mark.django_db
def test_one_of_two_and_its_redemption_stays_taken() -> None:
    made, half = half_off(max_redemptions=1)
    tenth, other = make_coupon(percent_off=10, duration="forever"), make_subscription()
    coupons.attach(
        code=tenth.code, account=made.account, subscription_id=made.pk, plan_id=made.plan_id, at=noon("2026-04-01"),
        actor=ACTOR,
    )  # fmt: skip
    off(made, half, "2026-04-10")
    renew([made.pk], at=noon("2026-05-01"), actor=ACTOR)
    assert lines(made)[1:] == [(4900, 490)]
    half.refresh_from_db()
    assert half.redeemed == 1
    with pytest.raises(DomainError, match="all are taken"):
        make_subscription(account=other.account, coupon=half.code)


@pytest.mark.django_db
def test_refusals() -> None:
    made, half = half_off()
    other, quarter = half_off()
    codes = []
    for each, coupon, more in (
        (made, quarter, {}), (made, Coupon(pk=uuid4()), {}), (Subscription(pk=uuid4()), half, {}),
        (made, half, {"expected_version": 7}),
    ):  # fmt: skip
        with pytest.raises(DomainError) as refusal:
            off(each, coupon, "2026-04-10", **more)
        assert refusal.value.hint
        codes.append((refusal.value.code, refusal.value.status))
    assert codes == [
        ("coupon_not_attached", 404), ("coupon_not_attached", 404), ("subscription_not_found", 404),
        ("version_changed", 412),
    ]  # fmt: skip
    # Nobody can take it any more, and it can be taken off; once.
    coupons.end(coupon_id=half.pk, actor=ACTOR)
    off(made, half, "2026-04-10")
    with pytest.raises(DomainError, match="no coupon"):
        off(made, half, "2026-04-10")
    cancel(subscription_id=other.pk, at=noon("2026-04-10"), actor=ACTOR)
    with pytest.raises(DomainError) as ended:
        off(other, quarter, "2026-04-10")
    assert ended.value.code == "already_cancelled"
    assert Attachment.objects.filter(detached_at=None).count() == 1


def test_two_at_once(committed_db: str) -> None:
    made, half = half_off()
    said: list[str] = []

    def one() -> None:
        try:
            off(made, half, "2026-04-10")
            said.append("done")
        except DomainError as refusal:
            said.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["coupon_not_attached"] * 3 + ["done"]
    assert Event.objects.filter(event_type="subscription.updated").count() == 1
    assert broken() == []


def path(half: Coupon) -> tuple[str, str]:
    """A subscription of today with that coupon, and the coupon on it."""
    made = f"/subscriptions/{make_subscription(coupon=half.code, at=clock.wall()).pk}"
    return made, f"{made}/coupons/{half.pk}"


@pytest.mark.django_db
def test_by_the_api() -> None:
    api, half = Api(), make_coupon(duration="forever")
    made, on = path(half)
    shown = api.get(made).json()
    assert [each["coupon_id"] for each in shown["coupons"]] == [str(half.pk)]
    late = api("delete", on, If_Match='"v-7"')
    assert (late.status_code, late.json()["code"]) == (412, "version_changed")
    first, second = (api("delete", on, If_Match='"v-1"', Idempotency_Key="one") for _ in range(2))
    assert (first.status_code, first["ETag"], first.json()["coupons"]) == (200, '"v-2"', [])
    assert (second["Idempotent-Replayed"], second.content) == ("true", first.content)
    again = api("delete", on)
    assert (again.status_code, again.json()["code"]) == (404, "coupon_not_attached")
    assert api("delete", f"{made}/coupons/{half.code}").status_code == 404
    assert api("delete", f"/subscriptions/{uuid4()}/coupons/{half.pk}").status_code == 404
    assert api.get(f"{made}/history").json()["data"][0]["previous_attributes"]["coupons"] == shown["coupons"]
    assert api.actor in actors("subscriptions_subscription", shown["id"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"),
    [("super_admin", 200), ("billing_admin", 200), ("support_rep", 403), ("finance_viewer", 403), (None, 401)],
)
def test_who_may(role: str | None, status: int) -> None:
    _, on = path(make_coupon(duration="forever"))
    assert Api(role)("delete", on).status_code == status
    assert Attachment.objects.filter(detached_at=None).count() == (status != 200)
