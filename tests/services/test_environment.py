"""Which services are missing, and what the environment may say instead."""

from pathlib import Path

import pytest

from billing_project.services import ServiceError, environment
from billing_project.services.environment import missing_services, read_env_file, variables

EVERYTHING = {"DATABASE_URL": "postgresql://db/x", "REDIS_URL": "redis://r", "STRIPE_SECRET_KEY": "sk_test_x"}


@pytest.mark.parametrize(
    ("absent", "expected"),
    [("DATABASE_URL", "postgresql"), ("REDIS_URL", "valkey"), ("STRIPE_SECRET_KEY", "stripe-sandbox")],
)
def test_each_service_is_replaced_by_its_own_variable(absent: str, expected: str) -> None:
    assert missing_services(EVERYTHING) == []
    assert missing_services({name: value for name, value in EVERYTHING.items() if name != absent}) == [expected]
    assert missing_services(EVERYTHING | {absent: ""}) == [expected]


def test_a_sandbox_run_elsewhere_is_used() -> None:
    env = EVERYTHING | {"STRIPE_SECRET_KEY": "", "STRIPE_API_BASE": "http://127.0.0.1:9"}
    assert missing_services(env) == []


def test_live_mode_never_gets_a_sandbox() -> None:
    with pytest.raises(ServiceError, match="STRIPE_SECRET_KEY"):
        missing_services(EVERYTHING | {"STRIPE_SECRET_KEY": "", "BILLING_MODE": "live"})


def test_live_mode_gets_no_made_up_secret_key() -> None:
    passwords = {"secret_key": "s"}
    assert "SECRET_KEY" not in environment.base_variables(Path("/d"), passwords, {"BILLING_MODE": "live"})
    assert environment.base_variables(Path("/d"), passwords, {}) == {
        "DATA": "/d", "BILLING_MODE": "test", "SECRET_KEY": "s", "BILLING_TEST_CLOCKS": "1",
    }  # fmt: skip


def test_test_clocks_are_on_here_unless_said_otherwise_and_never_in_live_mode() -> None:
    passwords = {"secret_key": "s"}
    said = environment.base_variables(Path("/d"), passwords, {"BILLING_TEST_CLOCKS": "0"})
    assert "BILLING_TEST_CLOCKS" not in said
    assert "BILLING_TEST_CLOCKS" not in environment.base_variables(Path("/d"), passwords, {"BILLING_MODE": "live"})


def test_only_what_runs_gets_variables() -> None:
    passwords = {"app": "a", "owner": "o", "valkey": "v", "stripe_key": "k", "stripe_webhook": "w"}
    assert variables({"valkey": 7}, passwords) == {"REDIS_URL": "redis://:v@127.0.0.1:7/0"}
    assert variables({"postgresql": 5}, passwords) == {
        "DATABASE_URL": "postgresql://billing_app:a@127.0.0.1:5/billing",
        "DATABASE_OWNER_URL": "postgresql://billing_owner:o@127.0.0.1:5/billing",
    }
    assert variables({"stripe-sandbox": 9}, passwords) == {
        "STRIPE_API_BASE": "http://127.0.0.1:9", "STRIPE_SECRET_KEY": "k", "STRIPE_WEBHOOK_SECRET": "w",
        "STRIPE_SETUP_URL": "http://127.0.0.1:9/_sandbox/setup", "VIES_API_BASE": "http://127.0.0.1:9/vies/rest-api",
    }  # fmt: skip


def test_env_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\n#A=0\nB=1\nexport C='two words'\nEMPTY=\nURL=postgresql://u:p=w@h/d\nnonsense\n")
    assert read_env_file(file) == {"B": "1", "C": "two words", "URL": "postgresql://u:p=w@h/d"}
    assert read_env_file(tmp_path / "none") == {}
