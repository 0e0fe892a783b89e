"""The bank behind the sandbox: a thread that answers debits and refunds when their time has come."""

import logging
import threading
import time

from billing_project.stripe_sandbox.change import Change
from billing_project.stripe_sandbox.resources import debits
from billing_project.stripe_sandbox.store import Store
from billing_project.stripe_sandbox.webhooks import Deliverer

logger = logging.getLogger(__name__)

TICK = 0.1


class Bank:
    def __init__(self, store: Store, deliverer: Deliverer, stopping: threading.Event) -> None:
        self._store = store
        self._deliverer = deliverer
        self._stopping = stopping
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while not self._stopping.wait(TICK):
            try:
                self._tick()
            except Exception:
                # One object that cannot be answered must not stop the bank for all others; the log has the reason.
                logger.exception("the bank stumbled")

    def _tick(self) -> None:
        now = time.time()
        change = Change(self._store, int(now), None, None, "")
        with self._store.lock:
            if not debits.waiting(self._store):
                return
            debits.ripen(change, now)
            ticket, deliveries = change.commit()
        self._store.journal.sync(ticket)
        self._deliverer.add(deliveries)
