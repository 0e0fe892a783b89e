"""What a resource says about each of its operations, so that the router needs to know none of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from billing_project.stripe_sandbox.change import Change
from billing_project.stripe_sandbox.params import Spec
from billing_project.stripe_sandbox.store import Obj

Handler = Callable[..., Obj]


@dataclass(frozen=True, slots=True)
class Route:
    """`handler(change, params)`, with the path's id as a third argument where the path has `{id}`."""

    method: str
    path: str
    handler: Handler
    spec: Spec = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def call(self, change: Change, params: dict[str, Any], ids: list[str]) -> Obj:
        return self.handler(change, params, *ids)
