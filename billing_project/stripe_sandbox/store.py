"""What the pretended account holds, in memory: rows with their indexes, answers by idempotency key, pending deliveries.

Every change goes through `commit`: journal first, memory second, under one lock. Bodies are kept as JSON text, because
most rows (events above all) are written once and seldom read.
"""

import json
import threading
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from billing_project.stripe_sandbox.journal import Journal

Obj = dict[str, Any]

WAITING = "_waits"
"""Held by what a bank answers later, and an index of it."""
INDEXED = ("customer", "payment_intent", "charge", "type", "source", "email", "url", "payment_method", WAITING)
KEY_LIFETIME = 24 * 3600  # Stripe forgets an idempotency key after a day


@dataclass(slots=True)
class Row:
    seq: int
    kind: str
    id: str
    created: int
    keys: dict[str, str]
    text: str

    def load(self) -> Obj:
        obj: Obj = json.loads(self.text)
        return obj


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored answer of an idempotency key, and the digest of the request that it belongs to."""

    created: int
    digest: str
    endpoint: str
    status: int
    body: str
    request_id: str


def row_data(obj: Obj) -> list[Any]:
    keys = {name: obj[name] for name in INDEXED if isinstance(obj.get(name), str)}
    text = json.dumps(obj, separators=(",", ":"), ensure_ascii=False)
    return [obj["object"], obj["id"], obj.get("created") or 0, keys, text]


class Store:
    def __init__(self, journal: Journal, now: int) -> None:
        self.lock = threading.RLock()
        self.journal = journal
        self.rows: dict[str, Row] = {}
        self.answers: dict[str, Answer] = {}
        self.pending: dict[tuple[str, str], None] = {}
        self._by_seq: dict[int, Row] = {}
        self._index: dict[tuple[str, str, str], list[int]] = {}
        self._next_seq = 1
        self.debit_seconds = 1.0  # how long a bank takes
        for record in journal.read():
            self._apply(record)
        self._forget_old_answers(now)
        journal.rewrite(self._snapshot())

    def commit(self, record: dict[str, Any]) -> int:
        """Journal a change and make it seen; the caller holds the lock and syncs the ticket before it answers."""
        ticket = self.journal.append(record)
        self._apply(record)
        return ticket

    def page(
        self, kind: str, filters: Mapping[str, str], after: str | None = None, before: str | None = None
    ) -> Iterator[Row]:
        """Newest first; with `before`, oldest first among those newer than it (the caller turns the page round)."""
        wanted = dict(filters)
        first = next(iter(wanted.items()), ("", ""))
        seqs = self._index.get((kind, *first), [])
        if before is not None:
            start = bisect_left(seqs, self.rows[before].seq + 1)
            chosen: Iterator[int] = iter(seqs[start:])
        else:
            end = bisect_left(seqs, self.rows[after].seq) if after is not None else len(seqs)
            chosen = (seqs[place] for place in range(end - 1, -1, -1))
        for seq in chosen:
            row = self._by_seq[seq]
            if all(row.keys.get(name) == value for name, value in wanted.items()):
                yield row

    def count(self, kind: str) -> int:
        return len(self._index.get((kind, "", ""), []))

    def kinds(self) -> list[str]:
        return sorted(kind for kind, name, _ in self._index if not name)

    def _apply(self, record: dict[str, Any]) -> None:
        for kind, object_id, created, keys, text in record.get("put", ()):
            self._put(kind, object_id, created, keys, text)
        for object_id in record.get("del", ()):
            row = self.rows.pop(object_id, None)
            if row is not None:
                self._unindex(row)
                del self._by_seq[row.seq]
        if "idem" in record:
            scope, *fields = record["idem"]
            self.answers[scope] = Answer(*fields)
        for event_id, endpoint_id in record.get("pend", ()):
            self.pending[event_id, endpoint_id] = None
        for event_id, endpoint_id in record.get("done", ()):
            self.pending.pop((event_id, endpoint_id), None)

    def _put(self, kind: str, object_id: str, created: int, keys: dict[str, str], text: str) -> None:
        old = self.rows.get(object_id)
        if old is None:
            row = Row(self._next_seq, kind, object_id, created, keys, text)
            self._next_seq += 1
            self.rows[object_id] = self._by_seq[row.seq] = row
        else:
            self._unindex(old)
            old.created, old.keys, old.text = created, keys, text
            row = old
        for entry in self._entries(row):
            insort(self._index.setdefault(entry, []), row.seq)

    def _unindex(self, row: Row) -> None:
        for entry in self._entries(row):
            seqs = self._index[entry]
            del seqs[bisect_left(seqs, row.seq)]

    @staticmethod
    def _entries(row: Row) -> Iterator[tuple[str, str, str]]:
        yield row.kind, "", ""
        for name, value in row.keys.items():
            yield row.kind, name, value

    def _forget_old_answers(self, now: int) -> None:
        self.answers = {scope: kept for scope, kept in self.answers.items() if now - kept.created < KEY_LIFETIME}

    def _snapshot(self) -> Iterator[dict[str, Any]]:
        for seq in sorted(self._by_seq):
            row = self._by_seq[seq]
            yield {"put": [[row.kind, row.id, row.created, row.keys, row.text]]}
        for scope, kept in self.answers.items():
            fields = [kept.created, kept.digest, kept.endpoint, kept.status, kept.body, kept.request_id]
            yield {"idem": [scope, *fields]}
        if self.pending:
            yield {"pend": [list(pair) for pair in self.pending]}
