"""What the environment already names, what it lacks, and how what runs is told to Django."""

import os
from collections.abc import Mapping
from pathlib import Path

from billing_project.services.errors import ServiceError
from billing_project.services.postgresql import APP, OWNER, address
from billing_project.services.valkey import valkey_url

POSTGRESQL, VALKEY, SANDBOX = "postgresql", "valkey", "stripe-sandbox"


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines of an .env file; what the real environment says wins, so the caller uses setdefault."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    found = {}
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#") and value.strip():
            found[name.strip()] = value.strip().strip("\"'")
    return found


def missing_services(env: Mapping[str, str]) -> list[str]:
    """The services nobody configured, which this DATA folder has to run itself."""
    lacking = []
    if not env.get("DATABASE_URL"):
        lacking.append(POSTGRESQL)
    if not env.get("REDIS_URL"):
        lacking.append(VALKEY)
    if not env.get("STRIPE_SECRET_KEY") and not env.get("STRIPE_API_BASE"):
        if env.get("BILLING_MODE", "test") == "live":
            raise ServiceError(
                "stripe_key_missing",
                "BILLING_MODE is live, but STRIPE_SECRET_KEY is not set",
                "set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET, or run with BILLING_MODE=test",
            )
        lacking.append(SANDBOX)
    return lacking


def variables(ports: Mapping[str, int], passwords: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that lead to what runs, for the services in `ports`."""
    found: dict[str, str] = {}
    if port := ports.get(POSTGRESQL):
        found["DATABASE_URL"] = address(port, APP, passwords["app"])
        found["DATABASE_OWNER_URL"] = address(port, OWNER, passwords["owner"])
    if port := ports.get(VALKEY):
        found["REDIS_URL"] = valkey_url(port, passwords["valkey"])
    if port := ports.get(SANDBOX):
        found["STRIPE_API_BASE"] = f"http://127.0.0.1:{port}"
        found["STRIPE_SETUP_URL"] = f"http://127.0.0.1:{port}/_sandbox/setup"
        found["VIES_API_BASE"] = f"http://127.0.0.1:{port}/vies/rest-api"
        found["STRIPE_SECRET_KEY"] = passwords["stripe_key"]
        found["STRIPE_WEBHOOK_SECRET"] = passwords["stripe_webhook"]
    return found


def base_variables(data: Path, passwords: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    """What is no service but also has a default: only where the environment is silent."""
    defaults = {"DATA": str(data), "BILLING_MODE": "test"}
    if env.get("BILLING_MODE", "test") != "live":
        defaults["SECRET_KEY"] = passwords["secret_key"]
        defaults["BILLING_TEST_CLOCKS"] = "1"
    return {name: value for name, value in defaults.items() if not env.get(name)} | {"DATA": str(data)}


def current() -> dict[str, str]:
    """The environment of this process with the checkout's .env below it."""
    checkout = Path(__file__).resolve().parents[2]
    return read_env_file(checkout / ".env") | dict(os.environ)
