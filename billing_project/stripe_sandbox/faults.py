"""Faults on demand: which requests and which webhooks go wrong, how, and how often. Kept in memory, gone at restart."""

import itertools
import random
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from billing_project.stripe_sandbox.errors import HangUp, StripeError, invalid


class FaultKind(StrEnum):
    TIMEOUT_BEFORE = "timeout_before"  # hold `seconds`, close without an answer; nothing was done
    TIMEOUT_AFTER = "timeout_after"  # do it, then the same
    RATE_LIMIT = "rate_limit"  # 429, nothing was done
    ERROR_BEFORE = "error_before"  # 500, nothing was done
    ERROR_AFTER = "error_after"  # do it, then answer 500
    SLOW = "slow"  # wait `seconds`, then do it and answer
    WEBHOOK_DUPLICATE = "webhook_duplicate"
    WEBHOOK_DISORDER = "webhook_disorder"  # hold `window` deliveries, send them last first
    WEBHOOK_DROP = "webhook_drop"
    WEBHOOK_DELAY = "webhook_delay"


@dataclass
class Fault:
    kind: FaultKind
    operation: str = "*"  # "POST /v1/payment_intents", "POST /v1/*"; for webhooks the event's type, "charge.*"
    count: int | None = None
    probability: float = 1.0
    seconds: float = 30.0
    skip: int = 0
    window: int = 2
    sticky: bool = False  # error_after only: a retry with the same key gets the stored 500, as Stripe's does
    seed: int | None = None
    id: str = ""
    hits: int = 0
    chance: random.Random = field(default_factory=random.Random, repr=False)

    def strikes(self, operation: str) -> bool:
        """Whether it hits now; a hit is counted."""
        if self.spent or not fnmatchcase(operation, self.operation):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability < 1 and self.chance.random() >= self.probability:
            return False
        self.hits += 1
        return True

    @property
    def spent(self) -> bool:
        return self.count is not None and self.hits >= self.count

    def shown(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "chance"}


_TYPES: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "operation": (str,),
    "count": (int,),
    "probability": (int, float),
    "seconds": (int, float),
    "skip": (int,),
    "window": (int,),
    "sticky": (bool,),
    "seed": (int,),
}


def parse(given: Mapping[str, Any]) -> Fault:
    """A fault from JSON; everything wrong with it is said at once."""
    problems = [f"{name}: unknown" for name in given if name not in _TYPES]
    for name, types in _TYPES.items():
        value = given.get(name)
        if name not in given or (value is None and name in ("count", "seed")):
            continue
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            problems.append(f"{name}: must be {' or '.join(kind.__name__ for kind in types)}")
        elif isinstance(value, (int, float)) and not 0 <= value <= 1_000_000:
            problems.append(f"{name}: must be between 0 and 1000000")
    if given.get("kind") not in set(FaultKind):
        problems.append(f"kind: must be one of {', '.join(FaultKind)}")
    if problems:
        raise invalid("Invalid fault: " + "; ".join(problems), code="fault_invalid")
    fault = Fault(**{**given, "kind": FaultKind(given["kind"])})
    if "count" not in given and "probability" not in given:
        fault.count = 1
    if fault.seed is not None:
        fault.chance.seed(fault.seed)
    return fault


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._numbers = itertools.count(1)

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            fault.id = f"fault_{next(self._numbers)}"
            self._faults.append(fault)
        return fault

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.shown() for fault in self._faults]

    def clear(self, fault_id: str | None = None) -> int:
        with self._lock:
            before = len(self._faults)
            self._faults = [fault for fault in self._faults if fault_id is not None and fault.id != fault_id]
            return before - len(self._faults)

    def striking(self, operation: str, *, webhook: bool) -> list[Fault]:
        with self._lock:
            return [
                fault
                for fault in self._faults
                if fault.kind.startswith("webhook_") == webhook and fault.strikes(operation)
            ]


def before_effect(faults: list[Fault]) -> None:
    for fault in faults:
        if fault.kind is FaultKind.TIMEOUT_BEFORE:
            raise HangUp(fault.seconds)
        if fault.kind is FaultKind.RATE_LIMIT:
            raise StripeError(429, "Too many requests hit the API too quickly. Try again later.", code="rate_limit")
        if fault.kind is FaultKind.ERROR_BEFORE:
            raise server_error()


def after_effect(faults: list[Fault]) -> None:
    for fault in faults:
        if fault.kind is FaultKind.TIMEOUT_AFTER:
            raise HangUp(fault.seconds)
        if fault.kind is FaultKind.ERROR_AFTER:
            raise server_error()


def server_error() -> StripeError:
    return StripeError(500, "An unknown error occurred on our end; it is safe to retry.", kind="api_error")
