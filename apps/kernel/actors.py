"""Who did it: the actor that every action carries and the audit log records."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """`kind` is user, api_key or system; `id` the user's or key's id, or the job's name."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


def system(job: str) -> Actor:
    """A job of ours as the actor: system("subscriptions.renew")."""
    return Actor("system", job)
