"""Events recorded: each is taken, known already, or refused, and none of the others minds.

A fixed number of queries however many there are: the windows, the keys' claim, one COPY; one more each where an event
is refused, a subscription is unknown, a test clock or a cap is in play. Ingest reads nothing of an account or a plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.kernel import clock
from apps.kernel.errors import Invalid
from apps.usage import metrics
from apps.usage.actions import caps
from apps.usage.actions.judging import judge
from apps.usage.actions.storing import Taken, store
from apps.usage.queries import keys
from apps.usage.rules.event import KEY_LENGTH, Candidate, candidate, digest
from apps.usage.rules.reading import Read


@dataclass
class Receipt:
    """What became of each event, by its place in the request. `repeated` has the digest of the key."""

    stored: dict[int, UUID] = field(default_factory=dict)
    taken: dict[int, Taken] = field(default_factory=dict)
    repeated: dict[int, str] = field(default_factory=dict)
    refused: dict[int, Invalid] = field(default_factory=dict)

    def of(self, index: int) -> "Receipt":
        """What became of one, as if it had come alone."""
        return Receipt(
            {0: self.stored[index]} if index in self.stored else {},
            {0: self.taken[index]} if index in self.taken else {},
            {0: self.repeated[index]} if index in self.repeated else {},
            {0: self.refused[index]} if index in self.refused else {},
        )


def record(events: Sequence[Read], *, at: datetime, plain: bool = False, correcting: bool = False) -> Receipt:
    """Store what is new and may be taken. `at`: the wall's time, for accounts without a test clock.

    `plain`: no text holds a NUL (see `candidate`). `correcting`: neither a closed window nor a cap refuses.
    A key that is known answers as repeated whatever else the event says, and whatever has become of its window since.
    """
    receipt = Receipt()
    fresh: dict[int, Candidate] = {}
    for index, event in enumerate(events):
        read = event if isinstance(event, Invalid) else candidate(event, plain=plain)
        if isinstance(read, Invalid):
            receipt.refused[index] = read
        else:
            fresh[index] = read
    verdict = judge(fresh, at=at, late=correcting)
    receipt.refused.update(verdict.refused)
    digests = _digests(events, receipt.refused)
    known = keys.taken({*digests.values(), *(fresh[index].digest for index in verdict.capped)})
    taken = verdict.taken
    if verdict.capped and not correcting:
        new = [each for each in taken if each.event.digest not in known]
        refused = caps.beyond(new, verdict.capped, now=clock.monotonic())
        receipt.refused.update(refused)
        taken = [each for each in taken if each.index not in refused]
    _keep(receipt, taken)
    kept = {each.event.digest for each in receipt.taken.values()} if digests else set()
    for index, key in digests.items():
        if key in known or key in kept:
            del receipt.refused[index]
            receipt.repeated[index] = key
    transaction.on_commit(lambda: metrics.count(receipt.stored, receipt.repeated, receipt.refused))
    return receipt


def _digests(events: Sequence[Read], refused: Mapping[int, Invalid]) -> dict[int, str]:
    """The keys of refused events that have one which can be taken."""
    found = {}
    for index in refused:
        event = events[index]
        key = None if isinstance(event, Invalid) else event.idempotency_key
        if key and len(key) <= KEY_LENGTH:
            found[index] = digest(key)
    return found


def _keep(receipt: Receipt, taken: Sequence[Taken]) -> None:
    """Store the first of each key; the others are repetitions of it."""
    first: dict[str, Taken] = {}
    for each in taken:
        if first.setdefault(each.event.digest, each) is not each:
            receipt.repeated[each.index] = each.event.digest
    stored = store(list(first.values()))
    receipt.stored = stored.ids
    receipt.taken = {each.index: each for each in first.values() if each.index in stored.ids}
    receipt.repeated.update({each.index: each.event.digest for each in first.values() if each.index in stored.repeated})
