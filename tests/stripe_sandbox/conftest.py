"""A sandbox process per module, spoken to by the real Stripe SDK, and a receiver of its webhooks."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk_test_" + "k" * 24
OTHER_KEY = "sk_test_" + "o" * 24


class Sandbox:
    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.options = options
        self.url = ""
        self.process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "billing_project.stripe_sandbox", "--port", "0", "--data", str(self.data)]
        self.process = subprocess.Popen([*command, *self.options], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening http://127.0.0.1:"), line
        self.url = line.split()[1]

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        os.kill(self.process.pid, number)
        code = self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code

    def client(self, key: str = KEY, timeout: float = 10, retries: int = 0) -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            max_network_retries=retries,
            http_client=stripe.UrllibClient() if timeout is None else stripe.RequestsClient(timeout=timeout),
        )

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """A plain HTTP call: JSON for the control paths, bytes for the rest."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def fault(self, **fault: Any) -> None:
        status, answer = self.call("POST", "/_sandbox/faults", fault)
        assert status == 200, answer

    def charges(self, **metadata: str) -> list[dict[str, Any]]:
        """The successful charges with this metadata."""
        query = "&".join(["status=succeeded", *(f"metadata[{name}]={value}" for name, value in metadata.items())])
        return self.call("GET", f"/_sandbox/state?{query}")[1]["charges"]


class Receiver:
    """A webhook endpoint: keeps what it is sent, and answers with the codes it was told, 200 after them."""

    def __init__(self) -> None:
        self.calls: list[tuple[bytes, str]] = []
        self.codes: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:
                    return  # whoever sent it was killed over it
                code = receiver.codes.pop(0) if receiver.codes else 200
                receiver.calls.append((body, self.headers["Stripe-Signature"]))
                self.send_response(code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for body, _ in list(self.calls)]

    def wait_for(self, count: int, seconds: float = 10) -> list[str]:
        until = time.monotonic() + seconds
        while len(self.calls) < count and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.calls) >= count, self.types()
        return self.types()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), "--retry-base", "0.05")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def sandbox(shared: Sandbox) -> Iterator[Sandbox]:
    yield shared
    shared.call("DELETE", "/_sandbox/faults")


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return sandbox.client()


@pytest.fixture
def start_sandbox(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Processes of the test's own, which it may kill."""
    started: list[Sandbox] = []

    def start(*options: str, folder: str = "own") -> Sandbox:
        started.append(Sandbox(tmp_path / folder, "--retry-base", "0.05", *options))
        return started[-1]

    yield start
    for sandbox in started:
        if sandbox.process is not None:
            sandbox.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def customer(client: stripe.StripeClient) -> stripe.Customer:
    return client.v1.customers.create({"email": "ada@example.com", "name": "Ada", "metadata": {"account": "a1"}})


@pytest.fixture
def card(client: stripe.StripeClient, customer: stripe.Customer) -> stripe.PaymentMethod:
    return client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})


@pytest.fixture
def pay(customer: stripe.Customer, card: stripe.PaymentMethod) -> Callable[..., stripe.PaymentIntent]:
    """Charge the card off session, as the platform's worker does."""

    def pay(client: stripe.StripeClient, key: str | None = None, **more: Any) -> stripe.PaymentIntent:
        params = {
            "amount": 1999,
            "currency": "eur",
            "customer": customer.id,
            "payment_method": card.id,
            "confirm": True,
            "off_session": True,
            **more,
        }
        return client.v1.payment_intents.create(params, {"idempotency_key": key} if key else {})

    return pay
