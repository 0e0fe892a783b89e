"""Tables of access: staff users and how they sign in, API keys and their last use, tokens, idempotent requests."""

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
from apps.kernel.encryption import EncryptedField
from apps.kernel.ids import uuid7
from apps.kernel.models import MutableRecord, Record

KNOWN = frozenset(rules.Role)


class User(AbstractUser):
    """One of the company's staff. What it may do follows from its groups by the role table, not from permissions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    second_factor_at = models.DateTimeField("second factor since", null=True, editable=False)

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
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="replacement"
    )

    class Meta(MutableRecord.Meta):
        verbose_name = "API key"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=[role.value for role in rules.Role]), name="api_key_role"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.prefix}"

    @property
    def last_used_at(self) -> datetime | None:
        """When it was last used, to the minute; None: never."""
        try:
            return self.use.at
        except ObjectDoesNotExist:
            return None

    @property
    def replaced_by(self) -> "ApiKey | None":
        """The key that was made in its place."""
        try:
            return self.replacement
        except ObjectDoesNotExist:
            return None

    def state(self, at: datetime) -> rules.KeyState:
        """Whether it lets in at that time."""
        return rules.key_state(
            revoked_at=self.revoked_at, expires_at=self.expires_at, replaced=self.replaced_by is not None, at=at
        )


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


class SigningKey(MutableRecord):
    """A key that signs tokens: the newest that is not retired. Retired, it still checks what it has signed.

    `withdrawn_at`: from then on its tokens are refused, whatever they say.
    """

    kid = models.CharField(max_length=32, unique=True)
    public = models.JSONField()
    private = EncryptedField(blank=True)
    retired_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)


class SignIn(MutableRecord):
    """A person who signed in over the API: the family of the refresh tokens that follow one another."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sign_ins")
    auth_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=32, blank=True, choices=[(e.value, e.value) for e in rules.Ended])

    class Meta(MutableRecord.Meta):
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="access_signin_age")]


class RefreshToken(Record):
    """One refresh token, by its digest. Used once; used again it ends its whole family."""

    sign_in = models.ForeignKey(SignIn, on_delete=models.CASCADE, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)


class SignInAttempts(models.Model):
    """Failed tries under one name, which need not be anybody's: counted before a password is looked at."""

    subject = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "sign-in attempts"
        indexes: ClassVar = [models.Index(fields=["last_at"], name="access_attempts_age")]

    def __str__(self) -> str:
        return f"{self.subject[:8]} {self.failures}"


class SecondFactor(MutableRecord):
    """What a person's device shows each half minute (TOTP). `last_step`: the newest one used, so none is used twice."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="second_factor")
    secret = EncryptedField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(Record):
    """What lets a person in once whose device is lost."""

    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["factor", "code_hash"], name="access_recoverycode_once"),
        ]
