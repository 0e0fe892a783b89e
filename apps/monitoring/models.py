"""What was alerted, what was promised and kept, what probes saw, backups that were made, what it all costs."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from apps.access.models import User
from apps.kernel.models import MutableRecord, Record
from apps.monitoring.rules.levels import LEVELS
from apps.monitoring.rules.notices import LONGEST_NAME, Severity


class Alert(MutableRecord):
    """One time that an alert fired. Alertmanager opens and resolves it; staff take it on, and may resolve it, too."""

    alert_name = models.CharField(max_length=LONGEST_NAME)
    severity = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Severity])
    fired_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    summary = models.TextField(blank=True, default="")
    description = models.TextField(blank=True, default="")
    runbook_url = models.TextField(blank=True, default="")
    labels = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True, default="")

    class Meta(MutableRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["fingerprint", "fired_at"], name="monitoring_alert_once"),
            models.CheckConstraint(
                condition=Q(severity__in=[each.value for each in Severity]), name="monitoring_alert_severity"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="monitoring_alert_acknowledged_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], condition=Q(resolved_at__isnull=True), name="monitoring_alert_firing"),
            models.Index(fields=["alert_name", "-id"], name="monitoring_alert_name"),
            GinIndex(fields=["labels"], name="monitoring_alert_labels", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return self.alert_name


class LevelCount(models.Model):
    """Of five minutes, how many were good of how many. Web processes add to it; it is a figure, not a record."""

    id = models.BigAutoField(primary_key=True)
    slo = models.CharField(max_length=32, choices=[(slo, level.title) for slo, level in LEVELS.items()])
    started_at = models.DateTimeField()
    good = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["slo", "started_at"], name="monitoring_level_once", include=["good", "total"]
            ),
            models.CheckConstraint(condition=Q(good__gte=0, total__gte=F("good")), name="monitoring_level_share"),
        ]

    def __str__(self) -> str:
        return f"{self.slo} {self.started_at.isoformat()}"


class ProbeResult(Record):
    """What the synthetic probe saw from one region. Append only."""

    region = models.CharField(max_length=32)
    success = models.BooleanField()
    milliseconds = models.PositiveIntegerField()
    detail = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["at"], include=["region", "success"], name="monitoring_probe_at")]

    def __str__(self) -> str:
        return f"{self.region} {self.at.isoformat()}"


class Backup(Record):
    """A backup that was finished and can be restored. Append only; whatever makes backups says so."""

    kind = models.CharField(max_length=32)
    finished_at = models.DateTimeField()
    size = models.BigIntegerField(null=True, help_text="Bytes.")

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["-finished_at"], name="monitoring_backup_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.finished_at.isoformat()}"


class InfrastructureCost(Record):
    """What one thing costs a month from a day on, in cents of a dollar; until a later row. Append only."""

    item = models.CharField(max_length=100)
    monthly_cents = models.PositiveBigIntegerField()
    valid_from = models.DateField()
    note = models.CharField(max_length=255, blank=True, default="")
    actor = models.CharField(max_length=255)

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["item", "valid_from"], name="monitoring_cost_once")]

    def __str__(self) -> str:
        return f"{self.item} from {self.valid_from.isoformat()}"
