"""The Stripe sandbox as a child of the supervisor: what stands in for Stripe while no key is configured."""

import sys
from pathlib import Path

from billing_project.services.children import Child, answers, start_listening
from billing_project.services.folder import Folder

CHECKOUT = Path(__file__).resolve().parents[2]
WEBHOOK_PATH = "/stripe/webhook/"
PYTHON_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1"}


def start_sandbox(folder: Folder, passwords: dict[str, str], last: dict[str, int], *, webhook_url: str) -> Child:
    def make(port: int) -> Child:
        command = [
            sys.executable, "-m", "billing_project.stripe_sandbox", "--port", str(port),
            "--data", str(folder.sandbox), "--webhook-url", webhook_url,
            "--webhook-secret", passwords["stripe_webhook"],
        ]  # fmt: skip
        log = folder.logs / "stripe-sandbox.log"
        return Child("stripe-sandbox", command, log, PYTHON_ENV, cwd=CHECKOUT, port=port)

    return start_listening(make, answers, preferred=last.get("port"), wait=30)
