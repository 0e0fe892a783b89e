"""The Stripe sandbox as a child of the supervisor: what stands in for Stripe while no key is configured."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

from billing_project.services.children import Child, answers, free_port
from billing_project.services.errors import ServiceError
from billing_project.services.folder import Folder

CHECKOUT = Path(__file__).resolve().parents[2]
WEBHOOK_PATH = "/stripe/webhook/"


def start_sandbox(folder: Folder, passwords: dict[str, str], last: dict[str, int], *, webhook_url: str) -> Child:
    log = folder.logs / "stripe-sandbox.log"
    port: int | None = last.get("port")
    for _ in range(5):
        port = free_port(port)
        command = [
            sys.executable, "-m", "billing_project.stripe_sandbox", "--port", str(port),
            "--data", str(folder.sandbox.resolve()), "--webhook-url", webhook_url,
            "--webhook-secret", passwords["stripe_webhook"],
        ]  # fmt: skip
        child = Child("stripe-sandbox", command, log, python_env(), cwd=CHECKOUT, port=port)
        child.start()
        if child.wait_until(lambda: answers(port), wait=20):
            return child
        child.stop()
        port = None
        time.sleep(0.1)
    raise ServiceError("stripe_sandbox_failed", f"the Stripe sandbox does not start:\n{child.last_words()}", f"read {log}")


def python_env() -> Mapping[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1"}
