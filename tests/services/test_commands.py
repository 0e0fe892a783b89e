"""`manage.py services run|serve|status|stop` as an operator types it."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.services.conftest import CHECKOUT, Services, processes_of


def test_run_stays_until_stop_and_stop_leaves_nothing(services: Services) -> None:
    assert services.run("status").returncode == 3
    started = services.run("run", "--no-fsync")
    assert started.returncode == 0, started.stderr
    user, _ = services.attach()
    user.communicate()
    status = services.run("status")
    shown = json.loads(status.stdout)
    assert status.returncode == 0
    assert shown["ready"]
    assert {"postgresql", "valkey"} <= set(shown["processes"])
    assert "password" not in status.stdout
    again = services.run("run")
    assert again.returncode == 2
    assert "already_running" in again.stderr
    assert services.run("stop").returncode == 0
    assert processes_of(services.data) == []
    assert services.run("stop").returncode == 0


def test_stop_ends_what_a_killed_supervisor_left_and_no_stranger(services: Services) -> None:
    services.run("run", "--no-fsync")
    record = services.record()
    os.kill(record["supervisor"]["pid"], signal.SIGKILL)
    stranger = subprocess.Popen(["/bin/sleep", "60"])
    try:
        # A reused pid: the number is in the file, the start time is another's.
        record["children"]["valkey"] |= {"pid": stranger.pid}
        (services.data / "services.json").write_text(json.dumps(record))
        assert services.run("stop").returncode == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_serve_refuses_a_busy_port_with_a_hint(services: Services) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = services.run("serve", "--port", str(port))
    assert refused.returncode == 2
    assert "port_busy" in refused.stderr
    assert f"make serve PORT={port + 1}" in refused.stderr
    assert processes_of(services.data) == []


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", ""])
def test_serve_refuses_what_is_no_port_with_a_hint(services: Services, port: str) -> None:
    refused = services.run("serve", f"--port={port}")
    assert refused.returncode == 2
    assert "port_invalid" in refused.stderr
    assert "make serve PORT=18080" in refused.stderr
    assert list(services.data.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(services: Services) -> None:
    file = services.data / "file"
    file.write_text("")
    services.data = file / "below"
    refused = services.run("run")
    assert refused.returncode == 2
    assert "data_not_writable" in refused.stderr
    services.data = file.parent


def test_commands_that_need_no_services_start_none(services: Services) -> None:
    env = services.env | {"DATA": str(services.data)}
    shown = subprocess.run(
        [sys.executable, "manage.py", "version"], cwd=CHECKOUT, env=env, capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith("5.2")
    assert list(services.data.iterdir()) == []


def test_a_python_without_the_requirements_gets_a_hint(services: Services) -> None:
    refused = subprocess.run(
        [sys.executable, "-S", "-I", "manage.py", "check"], cwd=CHECKOUT, env=services.env, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 2
    assert "make setup" in refused.stderr


def test_clean_deletes_what_is_ours_and_nothing_else(services: Services) -> None:
    (services.data / "letter").write_text("not ours")
    refused = services.run("clean")
    assert refused.returncode == 2
    assert "not_a_data_folder" in refused.stderr
    assert (services.data / "letter").exists()
    stranger, services.data = services.data, services.data / "with a space"
    services.run("run", "--no-fsync")
    assert services.run("clean").returncode == 0
    assert not services.data.exists()
    assert processes_of(services.data) == []
    services.data = stranger
