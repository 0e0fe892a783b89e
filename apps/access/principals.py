"""What stands in `request.user` when a key calls: the same two questions that a staff user answers."""

from dataclasses import dataclass
from uuid import UUID

from apps.access import rules
from apps.kernel.actors import Actor


@dataclass(frozen=True)
class Principal:
    """A caller known by an API key. `rate_limit` is requests an hour, 0 for no limit."""

    key_id: UUID
    name: str
    role: rules.Role
    rate_limit: int
    prefix: str = ""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def may(self, resource: str, right: str) -> bool:
        """Whether this key's role has `right` ("read" or "write") on `resource`."""
        return rules.may(self.role, resource, right)

    @property
    def actor(self) -> Actor:
        """As the audit log names it."""
        return Actor("api_key", str(self.key_id))

    @property
    def pk(self) -> UUID:
        """The key's id; some of Django's and DRF's parts ask a user for it."""
        return self.key_id

    def __str__(self) -> str:
        return self.name
