"""Re-ratings: their states, and what a line says of what was billed before it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.invoices.rules import DraftLine, LineKind


class RerateStatus(StrEnum):
    """PREVIEWING while each subscription is rated and rolled back; PREVIEWED: it waits for a person. BILLING until
    each of them is done. What could not be rated does not keep it from finishing."""

    PREVIEWING = "PREVIEWING"
    PREVIEWED = "PREVIEWED"
    BILLING = "BILLING"
    FINISHED = "FINISHED"


TRANSITIONS: dict[RerateStatus, tuple[RerateStatus, ...]] = {
    RerateStatus.PREVIEWING: (RerateStatus.PREVIEWED,),
    RerateStatus.PREVIEWED: (RerateStatus.BILLING,),
    RerateStatus.BILLING: (RerateStatus.FINISHED,),
    RerateStatus.FINISHED: (),
}


@dataclass(frozen=True)
class Difference:
    """One charge of one period: what was billed of it, and what it has come to; minor units, before discounts."""

    charge: str
    kind: str
    period: tuple[str, str]
    before: int
    after: int


def differences(lines: Iterable[DraftLine]) -> list[Difference]:
    """What each line of usage, or of what is missing, changes."""
    return [_difference(line) for line in lines if line.kind in (LineKind.USAGE, LineKind.MINIMUM)]


def _difference(line: DraftLine) -> Difference:
    parts: Sequence[dict[str, object]] = line.breakdown or ()  # type: ignore[assignment]
    if line.kind == LineKind.MINIMUM:
        before = int(line.source["billed_before"])
    else:
        before = -sum(int(str(part["amount"])) for part in parts if part["kind"] == "billed_before")
    start, end = line.source["full_period"]
    return Difference(str(line.source["charge"]), line.kind.value, (start, end), before, before + line.amount)
