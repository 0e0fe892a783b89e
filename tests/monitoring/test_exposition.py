"""Numbers of processes that are gone do not count as alive."""

import os
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
