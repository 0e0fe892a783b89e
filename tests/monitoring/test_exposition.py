"""Whose numbers are served, and that processes that are gone do not count as alive."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from apps.monitoring import exposition


def test_forgets_live_gauges_of_dead_processes_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    names = (
        "gauge_livesum_4194999.db",
        f"gauge_livesum_{os.getpid()}.db",
        "counter_4194999.db",
        "gauge_max_4194999.db",
    )
    for name in names:
        (tmp_path / name).touch()
    exposition.forget_dead()
    assert {file.name for file in tmp_path.iterdir()} == set(names[1:])


def test_a_process_alone_serves_its_own_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    exposition.forget_dead()
    assert b"# TYPE api_requests_total counter" in exposition.counted()


COUNT = """
from prometheus_client import Counter, Gauge, Histogram
Counter("orders_total", "", ["kind"]).labels("a").inc(2)
Gauge("last_seen", "", multiprocess_mode="max").set({seen})
Gauge("connections", "", multiprocess_mode="sum").set(3)
Histogram("seconds", "", buckets=(1, 2)).observe(1.5)
"""


@pytest.fixture
def roles(tmp_path: Path) -> Path:
    """Two roles that have counted the same things, and a file that belongs to neither."""
    for seen, role in ((10, "web"), (20, "worker")):
        own = tmp_path / role
        own.mkdir()
        env = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(own)}
        subprocess.run([sys.executable, "-c", COUNT.format(seen=seen)], env=env, check=True)
    (tmp_path / "note").touch()
    return tmp_path


def lines(text: bytes) -> set[str]:
    return {line for line in text.decode().splitlines() if not line.startswith("#")}


def test_roles_are_added_up_only_where_they_are_named(roles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(roles / "web"))
    monkeypatch.delenv("METRICS_ROLES_DIR", raising=False)
    alone = lines(exposition.counted())
    assert {'orders_total{kind="a"} 2.0', "last_seen 10.0", "connections 3.0", "seconds_count 1.0"} <= alone
    monkeypatch.setenv("METRICS_ROLES_DIR", str(roles))
    both = lines(exposition.counted())
    assert {'orders_total{kind="a"} 4.0', "last_seen 20.0", "connections 6.0", "seconds_count 2.0"} <= both
    assert {'seconds_bucket{le="1.0"} 0.0', 'seconds_bucket{le="2.0"} 2.0', "seconds_sum 3.0"} <= both


def test_the_dead_of_every_role_are_forgotten(roles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(roles / "web"))
    monkeypatch.setenv("METRICS_ROLES_DIR", str(roles))
    dead = roles / "worker" / "gauge_livesum_4194999.db"
    dead.touch()
    exposition.forget_dead()
    assert not dead.exists()
