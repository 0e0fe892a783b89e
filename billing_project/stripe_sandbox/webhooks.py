"""Sends events to the endpoints, signed as Stripe signs them, with retries; what is pending survives a restart."""

import hashlib
import heapq
import hmac
import http.client
import itertools
import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from billing_project.stripe_sandbox.faults import FaultKind, Faults
from billing_project.stripe_sandbox.store import Row, Store

logger = logging.getLogger(__name__)

DISORDER_PATIENCE = 2.0  # seconds to wait for the rest of a window
DISORDER_GAP = 0.05


@dataclass(frozen=True, slots=True)
class Retries:
    base: float = 0.5
    longest: float = 60.0
    attempts: int = 30
    timeout: float = 10.0

    def wait(self, attempt: int) -> float:
        return min(self.base * 2.0 ** (attempt - 1), self.longest)


@dataclass(slots=True)
class Delivery:
    event_id: str
    endpoint_id: str
    attempt: int = 1
    settled: bool = False  # the faults have had their say


def signature(secret: str, body: bytes, now: int) -> str:
    digest = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={digest}"


class Deliverer:
    """A few threads over one heap of due deliveries."""

    def __init__(self, store: Store, faults: Faults, retries: Retries, workers: int = 4) -> None:
        self._store = store
        self._faults = faults
        self._retries = retries
        self._ready = threading.Condition()
        self._due: list[tuple[float, int, Delivery]] = []
        self._held: list[Delivery] = []
        self._held_until = 0.0
        self._order = itertools.count()
        self._stopped = False
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(workers)]

    def start(self) -> None:
        self.add(list(self._store.pending))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        with self._ready:
            self._stopped = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join(timeout=1)

    def add(self, pairs: Iterable[tuple[str, str]]) -> None:
        with self._ready:
            for event_id, endpoint_id in pairs:
                self._push(Delivery(event_id, endpoint_id), 0)
            self._ready.notify_all()

    def _push(self, delivery: Delivery, delay: float) -> None:
        heapq.heappush(self._due, (time.monotonic() + delay, next(self._order), delivery))

    def _work(self) -> None:
        while (delivery := self._next()) is not None:
            try:
                self._deliver(delivery)
            except Exception:
                # One bad delivery must not end the thread that carries all the others.
                logger.exception("webhook delivery of %s failed", delivery.event_id)

    def _next(self) -> Delivery | None:
        """The next delivery that may be sent; faults are applied here, in the order of events."""
        with self._ready:
            while not self._stopped:
                now = time.monotonic()
                if self._held and now >= self._held_until:
                    self._release()
                if not self._due or self._due[0][0] > now:
                    moments = [self._due[0][0]] if self._due else []
                    moments += [self._held_until] if self._held else []
                    self._ready.wait(max(min(moments) - now, 0.001) if moments else None)
                    continue
                delivery = heapq.heappop(self._due)[2]
                if delivery.settled or not self._meddled(delivery):
                    return delivery
        return None

    def _meddled(self, delivery: Delivery) -> bool:
        """Apply the webhook faults; true when the delivery is not to be sent now."""
        delivery.settled = True
        event = self._store.rows.get(delivery.event_id)
        for fault in self._faults.striking(event.keys["type"], webhook=True) if event else ():
            if fault.kind is FaultKind.WEBHOOK_DUPLICATE:
                self._push(Delivery(delivery.event_id, delivery.endpoint_id, settled=True), DISORDER_GAP)
            elif fault.kind is FaultKind.WEBHOOK_DROP:
                self._done(delivery)
                return True
            elif fault.kind is FaultKind.WEBHOOK_DELAY:
                self._push(delivery, fault.seconds)
                return True
            elif fault.kind is FaultKind.WEBHOOK_DISORDER:
                self._held.append(delivery)
                self._held_until = time.monotonic() + DISORDER_PATIENCE
                if len(self._held) >= fault.window:
                    self._release()
                return True
        return False

    def _release(self) -> None:
        for place, delivery in enumerate(reversed(self._held)):
            self._push(delivery, place * DISORDER_GAP)
        self._held = []

    def _deliver(self, delivery: Delivery) -> None:
        event = self._store.rows.get(delivery.event_id)
        endpoint = self._store.rows.get(delivery.endpoint_id)
        if event is None or endpoint is None or endpoint.load()["status"] != "enabled":
            self._done(delivery)
            return
        if self._send(event, endpoint):
            self._done(delivery)
        elif delivery.attempt >= self._retries.attempts:
            logger.warning("webhook %s given up after %d attempts", delivery.event_id, delivery.attempt)
            self._done(delivery)
        else:
            wait = self._retries.wait(delivery.attempt)
            delivery.attempt += 1
            with self._ready:
                self._push(delivery, wait)
                self._ready.notify()

    def _send(self, event: Row, endpoint: Row) -> bool:
        """One POST; true on any 2xx."""
        body = event.text.encode()
        hook = endpoint.load()
        parts = urlsplit(hook["url"])
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(hook["_secret"], body, int(time.time())),
            "User-Agent": "Stripe/1.0 (+billing sandbox)",
        }
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = kind(parts.hostname or "", parts.port, timeout=self._retries.timeout)
        try:
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return 200 <= answer.status < 300

    def _done(self, delivery: Delivery) -> None:
        pair = (delivery.event_id, delivery.endpoint_id)
        with self._store.lock:
            if pair in self._store.pending:
                # Not synced: after a crash the endpoint hears the event twice, which it must bear anyway.
                self._store.commit({"done": [list(pair)]})
