"""Reads and locks of re-ratings, and of what they rate again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from apps.kernel.periods import Period
from apps.subscriptions.models import ReratedSubscription, Rerating, UsageTerms
from apps.subscriptions.rules.rerating import RerateStatus


def reratings() -> QuerySet[Rerating]:
    """All re-ratings, with their versions."""
    return Rerating.objects.select_related("plan", "plan_version", "corrected_version")


def under_way() -> QuerySet[Rerating]:
    """Those that workers have to go on with, the oldest first."""
    return reratings().filter(status__in=[RerateStatus.PREVIEWING, RerateStatus.BILLING]).order_by("pk")


def counted(version_id: UUID, start: date | None, end: date | None) -> QuerySet[UsageTerms, tuple[UUID, str]]:
    """Subscriptions with usage that this version counted in a closed period that begins in these days; currencies."""
    later = UsageTerms.objects.filter(subscription_id=OuterRef("subscription_id"), since_at__gte=OuterRef("since_at"))
    closing = later.filter(Q(stops=True) | ~Q(period_start=OuterRef("period_start")))
    rows = UsageTerms.objects.filter(Exists(closing), _begins_in(start, end), plan_version_id=version_id, billed=True)
    return rows.order_by().values_list("subscription_id", "subscription__account__currency").distinct()


def wanted(rerating: Rerating, period: Period) -> bool:
    """Whether it begins in the days that are named."""
    return (rerating.periods_from or period.start) <= period.start and (
        rerating.periods_until is None or period.start < rerating.periods_until
    )


def pieces(rerating: Rerating) -> QuerySet[ReratedSubscription]:
    """Its subscriptions."""
    return ReratedSubscription.objects.filter(rerating=rerating)


def pieces_left(rerating: Rerating, *, previews: bool) -> QuerySet[ReratedSubscription]:
    """Those that are still to be looked at, or to be billed."""
    return pieces(rerating).filter(Q(previewed_at=None) if previews else Q(done_at=None, error=""))


def next_piece(rerating: Rerating, *, previews: bool) -> ReratedSubscription | None:
    """The next that no other worker is at, locked."""
    rows = pieces_left(rerating, previews=previews).select_related("subscription__account").order_by("pk")
    return rows.select_for_update(of=("self",), skip_locked=True).first()


@dataclass(frozen=True)
class Progress:
    """How many subscriptions of a re-rating were looked at, are billed, and are left as they are for an error."""

    previewed: int = 0
    done: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Sums:
    """What a re-rating comes to in one currency; minor units."""

    currency: str
    subscriptions: int
    changed: int
    before: int
    after: int
    total: int
    credited: int


def progress(rerating_ids: Collection[UUID]) -> dict[UUID, Progress]:
    """How far each of these is; one query."""
    rows = ReratedSubscription.objects.filter(rerating_id__in=rerating_ids).order_by().values_list("rerating_id")
    found = rows.annotate(
        looked=Count("previewed_at"),
        billed=Count("done_at", filter=Q(error="")),
        failed=Count("pk", filter=~Q(error="")),
    )
    return {pk: Progress(previewed, done, failed) for pk, previewed, done, failed in found}


def sums(rerating_id: UUID) -> list[Sums]:
    """What it comes to, by currency, without what cannot be rated."""
    rows = ReratedSubscription.objects.filter(rerating_id=rerating_id, error="").order_by("currency")
    found = rows.values_list("currency").annotate(
        looked=Count("pk"),
        differ=Count("pk", filter=~Q(lines=[])),
        was=Sum("before"),
        comes_to=Sum("after"),
        invoiced=Sum("total"),
        given_back=Sum("credited"),
    )
    return [Sums(row[0], row[1], row[2], *(int(each) for each in row[3:])) for row in found]


def _begins_in(start: date | None, end: date | None) -> Q:
    wanted = Q(period_start__gte=start) if start else Q()
    return wanted & Q(period_start__lt=end) if end else wanted
