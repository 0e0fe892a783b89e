"""Tables of access: staff users, API keys and their last use, idempotent requests."""

from datetime import datetime
from functools import cached_property
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import Q

from apps.access import rules
from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7
from apps.kernel.models import MutableRecord

KNOWN = frozenset(rules.Role)


class User(AbstractUser):
    """One of the company's staff. What it may do follows from its groups by the role table, not from permissions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    @cached_property
    def roles(self) -> frozenset[rules.Role]:
        """Its roles, read once per instance. A superuser is a Super Admin."""
        if self.is_superuser:
            return frozenset({rules.Role.SUPER_ADMIN})
        return frozenset(rules.Role(name) for name in self.groups.values_list("name", flat=True) if name in KNOWN)

    def may(self, resource: str, right: str) -> bool:
        """Whether one of its roles has `right` ("read" or "write") on `resource`. A user set inactive may nothing."""
        return self.is_active and rules.any_may(self.roles, resource, right)

    @property
    def actor(self) -> Actor:
        """As the audit log names it."""
        return Actor("user", str(self.pk))


class ApiKey(MutableRecord):
    """A key of this deployment's mode. The key itself is nowhere: only its digest."""

    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=32, unique=True, editable=False)
    key_hash = models.CharField(max_length=64, editable=False)
    role = models.CharField(max_length=32, choices=[(role.value, role.value) for role in rules.Role])
    livemode = models.BooleanField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    allowed_cidrs = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    rate_limit = models.PositiveIntegerField(default=rules.DEFAULT_RATE_LIMIT)

    class Meta(MutableRecord.Meta):
        verbose_name = "API key"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=[role.value for role in rules.Role]), name="api_key_role"),
        ]

    @property
    def last_used_at(self) -> datetime | None:
        """When it was last used, to the minute; None: never."""
        try:
            return self.use.at
        except ObjectDoesNotExist:
            return None


class KeyUse(models.Model):
    """When a key was last used. A table of its own, so that the audit log of keys holds what people did to them."""

    key = models.OneToOneField(ApiKey, on_delete=models.PROTECT, primary_key=True, related_name="use")
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "use of an API key"

    def __str__(self) -> str:
        return f"{self.key_id} {self.at}"


class IdempotentRequest(models.Model):
    """A write that carried an Idempotency-Key: leased while it runs, then its answer, for 24 hours."""

    principal = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    lease_token = models.UUIDField()
    leased_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["principal", "key"], name="idempotent_request_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotent_request_age")]

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"
