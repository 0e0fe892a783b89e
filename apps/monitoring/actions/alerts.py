"""Alerts: heard from Alertmanager, taken on and resolved by staff."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from apps.access.models import User
from apps.kernel.actors import Actor
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.transactions import unit_of_work
from apps.monitoring.models import Alert
from apps.monitoring.rules.notices import Notice

LONGEST = 4000


def hear(notices: Sequence[Notice], *, at: datetime, actor: Actor) -> int:
    """Keep what fires and resolve what has stopped; told twice, late or in disorder it comes to the same.

    Returns how many rows changed.
    """
    with unit_of_work(actor):
        Alert.objects.bulk_create([_alert(each, at) for each in notices], ignore_conflicts=True)
        over = {(each.fingerprint[:64], each.starts_at): each.ends_at or at for each in notices if each.is_resolved}
        rows = Alert.objects.select_for_update().filter(
            fingerprint__in={fingerprint for fingerprint, _ in over}, resolved_at__isnull=True
        )
        ended = [row for row in rows.order_by("pk") if (row.fingerprint, row.fired_at) in over]
        for row in ended:
            row.resolved_at = over[row.fingerprint, row.fired_at]
            row.updated_at, row.version = at, row.version + 1
        Alert.objects.bulk_update(ended, ["resolved_at", "updated_at", "version"])
        return len(ended)


def _alert(notice: Notice, at: datetime) -> Alert:
    told = notice.annotations
    return Alert(
        alert_name=notice.name,
        severity=notice.severity.value,
        fired_at=notice.starts_at,
        summary=told.get("summary", "")[:LONGEST],
        description=told.get("description", "")[:LONGEST],
        runbook_url=told.get("runbook_url", "")[:LONGEST],
        labels=notice.labels,
        fingerprint=notice.fingerprint[:64],
        created_at=at,
        updated_at=at,
    )


def acknowledge(*, alert_id: UUID, user: User, at: datetime, actor: Actor) -> Alert:
    """Say that somebody looks after it: who does is its assignee unless it has one."""
    with unit_of_work(actor):
        alert = _locked(alert_id)
        if alert.acknowledged_at is not None:
            raise Conflict("alert_acknowledged", "Somebody has acknowledged it already.", hint="See who, on its page.")
        alert.acknowledged_at, alert.acknowledged_by = at, user
        alert.assignee = alert.assignee or user
        return _saved(alert, at)


def assign(*, alert_id: UUID, user: User, at: datetime, actor: Actor) -> Alert:
    """Give it to somebody."""
    with unit_of_work(actor):
        alert = _locked(alert_id)
        alert.assignee = user
        return _saved(alert, at)


def resolve(*, alert_id: UUID, note: str, at: datetime, actor: Actor) -> Alert:
    """End it by hand, with what was done. If its cause goes on it fires again, as a row of its own."""
    with unit_of_work(actor):
        alert = _locked(alert_id)
        if alert.resolved_at is not None:
            raise Conflict("alert_resolved", "It is resolved already.", hint="Nothing is to be done.")
        alert.resolved_at, alert.note = at, note
        return _saved(alert, at)


def _locked(alert_id: UUID) -> Alert:
    found = Alert.objects.select_for_update(no_key=True).filter(pk=alert_id).first()
    if found is None:
        raise NotFound("alert_not_found", "There is no such alert.", hint="See the list of alerts.")
    return found


def _saved(alert: Alert, at: datetime) -> Alert:
    alert.updated_at, alert.version = at, alert.version + 1
    alert.save()
    return alert
