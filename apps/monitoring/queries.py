"""Reads of what sight keeps: firing alerts, levels of 30 days, newest probes and backups, what it costs today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum

from apps.monitoring.models import Alert, Backup, InfrastructureCost, LevelCount, ProbeResult
from apps.monitoring.rules import levels
from apps.monitoring.rules.levels import Counted, summed

KNOWN_FOR = timedelta(days=1)
"""A region that was heard of so lately is expected to be heard of again."""
SILENT = timedelta(minutes=15)


def alerts() -> QuerySet[Alert]:
    return Alert.objects.all()


def counted(at: datetime, *, window: timedelta = levels.WINDOW) -> dict[str, Counted]:
    """Every level over the window that ends at `at`."""
    rows = LevelCount.objects.filter(started_at__gt=at - window, started_at__lte=at).order_by()
    return summed(rows.values_list("slo").annotate(good=Sum("good"), total=Sum("total")))


def daily(at: datetime) -> list[tuple[date, str, Counted]]:
    """Every level by day of UTC, of the last 30 days, the oldest first."""
    rows = (
        LevelCount.objects.filter(started_at__gt=at - levels.WINDOW, started_at__lte=at)
        .order_by("started_at__date", "slo")
        .values_list("started_at__date", "slo")
        .annotate(good=Sum("good"), total=Sum("total"))
    )
    return [(day, slo, Counted(good, total)) for day, slo, good, total in rows]


def last_looked(slo: str) -> datetime | None:
    """The newest window of a level."""
    return LevelCount.objects.filter(slo=slo).order_by("-started_at").values_list("started_at", flat=True).first()


@dataclass(frozen=True)
class Seen:
    """The newest word of one region."""

    region: str
    success: bool
    at: datetime


def regions(at: datetime) -> Sequence[Seen]:
    """The newest word by `at` of every region that was heard of within a day."""
    rows = ProbeResult.objects.filter(at__gt=at - KNOWN_FOR, at__lte=at).order_by("region", "-at", "-id")
    return [Seen(*row) for row in rows.distinct("region").values_list("region", "success", "at")]


def probed(at: datetime) -> Counted:
    """Of the regions expected at `at`, those that could bill a customer; one that fell silent could not."""
    found = regions(at)
    return Counted(sum(each.success and each.at > at - SILENT for each in found), len(found))


def last_backup() -> datetime | None:
    return Backup.objects.order_by("-finished_at").values_list("finished_at", flat=True).first()


def costs(day: date) -> list[InfrastructureCost]:
    """What holds on that day, one row an item."""
    rows = InfrastructureCost.objects.filter(valid_from__lte=day).order_by("item", "-valid_from").distinct("item")
    return list(rows)
