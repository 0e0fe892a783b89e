"""Recognising and ending processes."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from billing_project.services import ServiceError
from billing_project.services.children import Child, end, free_port, is_alive, start_listening, started_at


def sleeper(log: Path) -> Child:
    return Child("sleeper", ["/bin/sleep", "60"], log, {})


def test_a_process_is_known_by_pid_and_start_time(tmp_path: Path) -> None:
    child = sleeper(tmp_path / "log")
    child.start()
    record = child.record
    try:
        assert is_alive(record)
        assert not is_alive(record | {"started": record["started"] - 1})
        end(record | {"started": record["started"] - 1})
        assert child.is_running()
    finally:
        child.stop()
    assert not is_alive(record)
    assert not is_alive({})


def test_the_dead_have_no_start_time() -> None:
    child = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert started_at(child.pid) is None, "a zombie counts as dead"
    child.wait()
    assert started_at(child.pid) is None


def test_a_child_that_does_not_listen_to_reason_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child("deaf", ["/bin/sh", "-c", "trap '' TERM; echo up; sleep 60 & wait; sleep 60"], log, {}, patience=0.2)
    child.start()
    assert child.wait_until(lambda: log.read_text() == "up\n", wait=5)
    child.stop()
    assert not child.is_running()


def test_the_preferred_port_is_taken_only_when_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


def test_a_lost_race_for_a_port_is_run_again(tmp_path: Path) -> None:
    tried: list[int] = []

    def make(port: int) -> Child:
        tried.append(port)
        return sleeper(tmp_path / "log") if len(tried) == 3 else Child("loser", ["/bin/false"], tmp_path / "log", {})

    child = start_listening(make, lambda port: len(tried) == 3, preferred=None, wait=5)
    child.stop()
    assert len(tried) == 3


def test_a_server_that_never_starts_says_its_last_words(tmp_path: Path) -> None:
    def make(port: int) -> Child:
        return Child("broken", ["/bin/sh", "-c", "echo no room; exit 1"], tmp_path / "log", {})

    with pytest.raises(ServiceError, match="no room") as refused:
        start_listening(make, lambda port: False, preferred=None, wait=5)
    assert refused.value.code == "broken_failed"
    assert str(tmp_path / "log") in refused.value.hint
