"""One request's work: reads through to the store, collects objects and their events, commits them as one."""

import copy
import secrets
import string
from collections.abc import Sequence
from typing import Any

from billing_project.stripe_sandbox.errors import missing
from billing_project.stripe_sandbox.store import Obj, Store, row_data

API_VERSION = "2026-08-26.dahlia"
_ALPHABET = string.ascii_letters + string.digits
PREFIXES = {
    "customer": "cus_",
    "payment_method": "pm_1",
    "setup_intent": "seti_1",
    "setup_attempt": "setatt_1",
    "payment_intent": "pi_3",
    "charge": "ch_3",
    "refund": "re_3",
    "dispute": "du_1",
    "balance_transaction": "txn_3",
    "event": "evt_1",
    "webhook_endpoint": "we_1",
    "token": "tok_1",
    "card": "card_1",
    "mandate": "mandate_1",
}


def random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def public(obj: Obj) -> Obj:
    """What a caller may see: names that begin with `_` are the sandbox's own notes."""
    return {name: value for name, value in obj.items() if not name.startswith("_")}


class Change:
    def __init__(self, store: Store, now: int, request_id: str | None, key: str | None, base_url: str) -> None:
        self.store = store
        self.now = now
        self.base_url = base_url
        self._request: Obj = {"id": request_id, "idempotency_key": key}
        self._objects: dict[str, Obj] = {}
        self._removed: list[str] = []
        self._pending: list[tuple[str, str]] = []

    def new_id(self, kind: str) -> str:
        return PREFIXES[kind] + random_text(22)

    def locate(self, object_id: str) -> Obj | None:
        """The object of any kind, as this change has it or as it is stored."""
        if object_id in self._objects:
            return self._objects[object_id]
        row = self.store.rows.get(object_id)
        return row.load() if row is not None else None

    def find(self, kind: str, object_id: str) -> Obj | None:
        found = self.locate(object_id)
        return found if found is not None and found["object"] == kind else None

    def get(self, kind: str, object_id: str, param: str | None = None) -> Obj:
        """The object, or Stripe's answer that there is none; a deleted customer can be looked at but not used."""
        found = self.find(kind, object_id)
        if found is None or (param and found.get("deleted")):
            raise missing(kind, object_id, param)
        return found

    def put(self, obj: Obj) -> Obj:
        self._objects[obj["id"]] = obj
        return obj

    def discard(self) -> None:
        """Forget the work; a commit after this changes nothing."""
        self._objects.clear()
        self._removed.clear()
        self._pending.clear()

    def remove(self, object_id: str) -> None:
        self._removed.append(object_id)

    def emit(self, kind: str, obj: Obj, previous: Obj | None = None) -> None:
        """Record an event with the object as it is now, and one delivery per endpoint that listens to it."""
        data: Obj = {"object": copy.deepcopy(public(obj))}
        if previous is not None:
            data["previous_attributes"] = previous
        endpoints = self._endpoints(kind)
        event = {
            "id": self.new_id("event"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": dict(self._request),
            "type": kind,
        }
        self.put(event)
        self._pending += [(str(event["id"]), endpoint_id) for endpoint_id in endpoints]

    def commit(self, idem: Sequence[Any] | None = None) -> tuple[int, list[tuple[str, str]]]:
        """Write it as one line; returns the journal's ticket and the deliveries to make. Needs the store's lock."""
        record: dict[str, Any] = {}
        if self._objects:
            record["put"] = [row_data(obj) for obj in self._objects.values()]
        if self._removed:
            record["del"] = self._removed
        if self._pending:
            record["pend"] = [list(pair) for pair in self._pending]
        if idem is not None:
            record["idem"] = list(idem)
        ticket = self.store.commit(record) if record else self.store.journal.written
        return ticket, self._pending

    def _endpoints(self, kind: str) -> list[str]:
        listening = []
        for row in self.store.page("webhook_endpoint", {}):
            endpoint = row.load()
            wanted = endpoint.get("enabled_events", ())
            if endpoint.get("status") == "enabled" and ("*" in wanted or kind in wanted):
                listening.append(row.id)
        return listening
