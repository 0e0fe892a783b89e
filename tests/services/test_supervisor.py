"""Starting, sharing, killing and stopping real servers."""

import json
import os
import shutil
import signal
import stat
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import redis

from tests.services.conftest import Services, processes_of, wait_until


def one(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


def test_the_services_live_as_long_as_their_last_user(services: Services) -> None:
    first, found = services.attach()
    second, same = services.attach()
    assert same == found
    assert one(found["DATABASE_URL"], "SELECT current_user") == "billing_app"
    assert redis.from_url(found["REDIS_URL"]).ping()
    first.communicate()
    assert one(found["DATABASE_URL"], "SELECT 1") == 1
    second.communicate()
    wait_until(lambda: not processes_of(services.data))
    assert not (services.data / "services.json").exists()


def test_the_application_owns_nothing_and_the_owner_is_no_superuser(services: Services) -> None:
    _, found = services.attach()
    owner, app = found["DATABASE_OWNER_URL"], found["DATABASE_URL"]
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
        extensions = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
        assert {"btree_gist", "pg_trgm"} <= extensions
    with psycopg.connect(app, autocommit=True) as connection:
        connection.execute("INSERT INTO thing (name) VALUES ('a')")
        for forbidden in ("ALTER TABLE thing DISABLE TRIGGER ALL", "DROP TABLE thing", "CREATE TABLE other (id int)",
                          "TRUNCATE thing"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)
        timeouts = [connection.execute(f"SHOW {name}").fetchone() for name in
                    ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")]  # fmt: skip
        assert timeouts == [("1min",), ("10s",), ("1min",)]
    powers = (
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'billing%' AND (rolsuper OR rolcreaterole OR rolbypassrls)"
    )
    assert one(app, powers) == 0


def test_nobody_gets_in_without_the_password(services: Services) -> None:
    services.attach()
    record = services.record()
    port = record["children"]["postgresql"]["port"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://billing_owner:wrong@127.0.0.1:{port}/billing")
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis(port=record["children"]["valkey"]["port"]).ping()
    for name in ("services.json", "secrets.json", "run/valkey.conf"):
        assert stat.S_IMODE((services.data / name).stat().st_mode) == 0o600
    passwords = json.loads((services.data / "secrets.json").read_text())
    command_lines = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes_of(services.data))
    for name in ("postgres", "owner", "app", "valkey"):
        assert passwords[name].encode() not in command_lines


def test_the_log_of_the_database_tells_no_values(services: Services) -> None:
    _, found = services.attach()
    with psycopg.connect(found["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE person (email text PRIMARY KEY CHECK (email <> 'ada@example.com'))")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO person VALUES ('ada@example.com')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('bob@example.com'), ('bob@example.com')")
        with pytest.raises(psycopg.errors.CheckViolation), connection.cursor().copy("COPY person FROM STDIN") as copy:
            copy.write_row(["ada@example.com"])
    log = (services.data / "logs" / "postgresql.log").read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "@example.com" not in log


def test_rows_survive_kill_9_of_everything(services: Services) -> None:
    user, found = services.attach()
    with psycopg.connect(found["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    for pid in processes_of(services.data):
        if pid != user.pid:
            with suppress(ProcessLookupError):  # the parent's death may have been faster
                os.kill(pid, signal.SIGKILL)
    user.communicate()
    assert (services.data / "services.json").exists()
    _, again = services.attach()
    assert one(again["DATABASE_OWNER_URL"], "SELECT answer FROM kept") == 42
    assert again == found


def test_the_servers_end_when_the_supervisor_is_killed(services: Services) -> None:
    user, _ = services.attach()
    os.kill(services.record()["supervisor"]["pid"], signal.SIGKILL)
    wait_until(lambda: processes_of(services.data) == [user.pid])


def test_a_killed_server_is_started_again_on_its_port(services: Services) -> None:
    _, found = services.attach()
    before = services.record()["children"]
    for name in ("postgresql", "valkey"):
        os.kill(before[name]["pid"], signal.SIGKILL)
    wait_until(
        lambda: all(
            services.record()["children"][name]["pid"] != before[name]["pid"] for name in ("postgresql", "valkey")
        )
    )

    def answers() -> bool:
        try:
            return one(found["DATABASE_URL"], "SELECT 1") == 1 and redis.from_url(found["REDIS_URL"]).ping()
        except (psycopg.OperationalError, redis.exceptions.ConnectionError):
            return False

    wait_until(answers)


def test_two_folders_run_beside_each_other(services: Services, new_folder: Callable[[], Path]) -> None:
    other = Services(new_folder())
    try:
        (_, here), (_, there) = services.attach(), other.attach()
        assert here["DATABASE_URL"] != there["DATABASE_URL"]
        assert here["SECRET_KEY"] != there["SECRET_KEY"]
        assert other.run("stop").returncode == 0
        assert one(here["DATABASE_URL"], "SELECT 1") == 1
    finally:
        other.clean_up()


def test_durable_unless_asked_otherwise(services: Services) -> None:
    assert services.run("run").returncode == 0
    _, found = services.attach()
    assert one(found["DATABASE_URL"], "SHOW fsync") == "on"
    assert one(found["DATABASE_URL"], "SHOW synchronous_commit") == "on"


def test_a_data_folder_that_the_server_cannot_enter(services: Services) -> None:
    """As root PostgreSQL runs as nobody, whom a closed home keeps out; any other user has its own rights."""
    services.data.chmod(0o700)
    user, found = services.attach()
    assert one(found["DATABASE_URL"], "SELECT 1") == 1
    user.communicate()
    wait_until(lambda: not processes_of(services.data))
    pointer = services.data / "postgresql.path"
    assert pointer.exists() == (os.geteuid() == 0)
    if pointer.exists():
        cluster = Path(pointer.read_text().strip())
        assert stat.S_IMODE(cluster.stat().st_mode) == 0o700
        shutil.rmtree(cluster)


def test_the_sandbox_stands_in_for_stripe(services: Services) -> None:
    del services.env["STRIPE_API_BASE"]
    _, found = services.attach()
    asked = urllib.request.Request(
        f"{found['STRIPE_API_BASE']}/v1/account", headers={"Authorization": f"Bearer {found['STRIPE_SECRET_KEY']}"}
    )
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert json.load(answer)["object"] == "account"
    assert found["STRIPE_SECRET_KEY"].startswith("sk_test_")
    assert found["STRIPE_WEBHOOK_SECRET"].startswith("whsec_")


def test_other_services_than_the_running_ones_are_refused(services: Services) -> None:
    services.env["REDIS_URL"] = "redis://127.0.0.1:9/0"
    services.attach()
    del services.env["REDIS_URL"]
    refused = services.run_ensure()
    assert refused.returncode == 1
    assert "services_differ" in refused.stderr
    assert "valkey" in refused.stderr
