"""What an invariant is: a sentence, and a query that finds what breaks it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Invariant:
    """`faults` is SQL that selects one text per fault, none when all is well. `says` is the invariant in a sentence."""

    name: str
    says: str
    faults: str


@dataclass(frozen=True)
class Broken:
    """An invariant with what breaks it, at most twenty."""

    invariant: Invariant
    faults: tuple[str, ...]
