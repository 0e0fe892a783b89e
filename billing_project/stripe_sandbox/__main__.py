"""`python -m billing_project.stripe_sandbox --port N --data FOLDER`: runs until SIGTERM or Ctrl-C."""

import argparse
import logging
import signal
import sys
import threading
import time
from pathlib import Path

from billing_project.stripe_sandbox.bank import Bank
from billing_project.stripe_sandbox.change import Change
from billing_project.stripe_sandbox.control import Control
from billing_project.stripe_sandbox.errors import StripeError
from billing_project.stripe_sandbox.faults import Faults
from billing_project.stripe_sandbox.journal import Journal, JournalError
from billing_project.stripe_sandbox.resources.webhook_endpoints import register
from billing_project.stripe_sandbox.router import Router
from billing_project.stripe_sandbox.server import Server
from billing_project.stripe_sandbox.store import Store
from billing_project.stripe_sandbox.vies import Vies
from billing_project.stripe_sandbox.webhooks import Deliverer, Retries


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if bool(options.webhook_url) != bool(options.webhook_secret):
        return _refuse("--webhook-url and --webhook-secret go together")
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="stripe_sandbox: %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    now = int(time.time())
    try:
        journal = Journal(options.data)
        store = Store(journal, now)
        if options.webhook_url:
            change = Change(store, now, None, None, "")
            register(change, options.webhook_url, options.webhook_secret)
            journal.sync(change.commit()[0])
    except (JournalError, StripeError, OSError) as problem:
        return _refuse(str(problem))
    store.debit_seconds = options.debit_seconds
    faults = Faults()
    retries = Retries(options.retry_base, options.retry_longest, options.retry_attempts)
    deliverer = Deliverer(store, faults, retries)
    try:
        server = Server(
            options.port,
            Router(store, faults, deliverer, stopping),
            Control(store, faults, deliverer),
            Vies(faults, stopping),
            stopping,
        )
    except OSError as problem:
        return _refuse(f"port {options.port}: {problem.strerror}; give another --port, or 0 for a free one")
    deliverer.start()
    bank = Bank(store, deliverer, stopping)
    bank.start()
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    sys.stdout.write(f"listening {server.base_url}\n")
    sys.stdout.flush()
    stopping.wait()
    server.shutdown()
    server.server_close()
    bank.stop()
    deliverer.stop()
    with store.lock:
        journal.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m billing_project.stripe_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one and prints it")
    parser.add_argument("--data", type=Path, required=True, help="folder of the journal; made when missing")
    parser.add_argument("--webhook-url", help="register this endpoint at start")
    parser.add_argument("--webhook-secret", help="its signing secret, whsec_...")
    parser.add_argument(
        "--retry-base", type=float, default=0.5, help="seconds before the first webhook retry, doubling"
    )
    parser.add_argument("--retry-longest", type=float, default=60.0, help="the longest wait between webhook retries")
    parser.add_argument("--retry-attempts", type=int, default=30, help="webhook attempts before giving up")
    parser.add_argument(
        "--debit-seconds", type=float, default=1.0, help="how long a bank takes to answer a debit or a slow refund"
    )
    return parser


def _refuse(message: str) -> int:
    sys.stderr.write(f"stripe_sandbox: {message}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
