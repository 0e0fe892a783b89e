"""What stands in `request.user` when a key or a token calls: the same questions that a staff user answers."""

from dataclasses import dataclass
from uuid import UUID

from apps.access import rules
from apps.access.models import User
from apps.kernel.actors import Actor


def key_subject(key_id: UUID) -> str:
    """Under which name the requests of a key are counted."""
    return f"key:{key_id}"


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
    def counted_as(self) -> str:
        """Under which name its requests are counted."""
        return key_subject(self.key_id)

    @property
    def pk(self) -> UUID:
        """The key's id; some of Django's and DRF's parts ask a user for it."""
        return self.key_id

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class StaffPrincipal:
    """A member of the staff known by an access token."""

    user: User
    sign_in_id: UUID
    rate_limit: int = rules.DEFAULT_RATE_LIMIT

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def may(self, resource: str, right: str) -> bool:
        """Whether one of its roles has `right` on `resource`."""
        return self.user.may(resource, right)

    @property
    def actor(self) -> Actor:
        """As the audit log names it."""
        return self.user.actor

    @property
    def counted_as(self) -> str:
        """Under which name its requests are counted."""
        return f"user:{self.user.pk}"

    @property
    def pk(self) -> UUID:
        """The user's id."""
        return self.user.pk

    def __str__(self) -> str:
        return self.user.get_username()


@dataclass(frozen=True)
class CustomerPrincipal:
    """A customer's own pages, known by a token that shows one account and changes nothing."""

    account_id: UUID
    key_id: UUID
    rate_limit: int = rules.DEFAULT_RATE_LIMIT

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def may(self, resource: str, right: str) -> bool:
        """Reads what customers are shown."""
        return right == "read" and resource in rules.SHOWN_TO_CUSTOMERS

    @property
    def actor(self) -> Actor:
        """As the audit log names it."""
        return Actor("customer", str(self.account_id))

    @property
    def counted_as(self) -> str:
        """Under which name its requests are counted: each account for itself."""
        return f"account:{self.account_id}"

    @property
    def pk(self) -> UUID:
        """The account's id."""
        return self.account_id

    def __str__(self) -> str:
        return f"account {self.account_id}"
