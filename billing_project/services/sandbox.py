"""The Stripe sandbox as a child of the supervisor: what stands in for Stripe while no key is configured."""

import os
import sys
from pathlib import Path

from billing_project.services.children import Child, answers, start_listening
from billing_project.services.folder import Folder

CHECKOUT = Path(__file__).resolve().parents[2]
# The default of settings/stripe.py, which this package cannot import without starting Django.
WEBHOOK_UUID = "01980000-0000-7000-8000-000000000001"
PYTHON_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUNBUFFERED": "1"}


def webhook_url(port: int) -> str:
    """Where the web server of this DATA listens for what the sandbox reports."""
    return f"http://127.0.0.1:{port}/stripe/webhook/{os.environ.get('STRIPE_WEBHOOK_UUID') or WEBHOOK_UUID}"


def start_sandbox(folder: Folder, passwords: dict[str, str], last: dict[str, int], *, web_port: int) -> Child:
    def make(port: int) -> Child:
        command = [
            sys.executable, "-m", "billing_project.stripe_sandbox", "--port", str(port),
            "--data", str(folder.sandbox), "--webhook-url", webhook_url(web_port),
            "--webhook-secret", passwords["stripe_webhook"],
        ]  # fmt: skip
        log = folder.logs / "stripe-sandbox.log"
        return Child("stripe-sandbox", command, log, PYTHON_ENV, cwd=CHECKOUT, port=port)

    return start_listening(make, answers, preferred=last.get("port"), wait=30)
