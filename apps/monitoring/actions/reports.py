"""What others tell us of: probes, backups, bills."""

from datetime import date, datetime

from django.db import IntegrityError

from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict
from apps.kernel.transactions import unit_of_work
from apps.monitoring.models import Backup, InfrastructureCost, ProbeResult
from apps.monitoring.rules.notices import ProbeReport


def probed(report: ProbeReport, *, at: datetime, actor: Actor) -> ProbeResult:
    """Keep one round of a probe."""
    with unit_of_work(actor):
        return ProbeResult.objects.create(
            region=report.region,
            success=report.success,
            milliseconds=report.milliseconds,
            detail=report.detail,
            at=at,
            created_at=at,
        )


def backed_up(*, kind: str, size: int | None, at: datetime, actor: Actor) -> Backup:
    """A backup is finished and was checked."""
    with unit_of_work(actor):
        return Backup.objects.create(kind=kind, size=size, finished_at=at, created_at=at)


def priced(
    *, item: str, monthly_cents: int, valid_from: date, note: str, at: datetime, actor: Actor
) -> InfrastructureCost:
    """What something costs a month from that day on; 0 when it is no more."""
    try:
        with unit_of_work(actor, savepoint=True):
            return InfrastructureCost.objects.create(
                item=item,
                monthly_cents=monthly_cents,
                valid_from=valid_from,
                note=note,
                actor=str(actor),
                created_at=at,
            )
    except IntegrityError as error:
        hint = "Choose another day; rows stay as they are."
        raise Conflict("cost_known", "That item has a price from that day on.", hint=hint) from error
