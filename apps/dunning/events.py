"""What dunning announces."""

from apps.events.declare import DomainEvent


class AccountOverdue(DomainEvent):
    """The account is WARNING now: from nothing worse to it, or from BLOCKED back to it."""

    type = "account.overdue"


class AccountBlocked(DomainEvent):
    """The account is BLOCKED now: `GET /v1/accounts/{id}/access` answers `allowed: false`."""

    type = "account.blocked"


class InvoiceOverdue(DomainEvent):
    """The first step that is taken because of an invoice: by the policy that is shipped, three days after its date."""

    type = "invoice.overdue"


class AccountRestored(DomainEvent):
    """Nothing that kept the account from being CURRENT is unpaid any more."""

    type = "account.restored"


class StepTaken(DomainEvent):
    """A row of the account's dunning history: its `message` is what the customer is told."""

    type = "dunning.step_taken"
