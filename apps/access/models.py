"""Tables of access: staff users."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.db import models

from apps.access import rules
from apps.kernel.actors import Actor
from apps.kernel.ids import uuid7

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
