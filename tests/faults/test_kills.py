"""Killed at any moment, a run is gone on with: each period is billed once, and the books hold."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import databases
from tests.databases import ROOT
from tests.faults.killing import Hunt

pytestmark = pytest.mark.fr("SC-012")

GOOD = {"not_billed_twice_a_month": 0, "numbers_without_gap": True, "runs_add_up": True, "invariants_broken": 0}


@pytest.mark.long
def test_workers_are_killed_a_few_times(committed_db: str, tmp_path: Path) -> None:
    name = committed_db.rpartition("/")[2]
    hunt = Hunt(committed_db, databases.with_name(databases.owner_url(), name), tmp_path, seed=2)
    hunt.fill(900)
    hunt.go_on(kills=2, restarts=0)
    found = hunt.found()
    assert found["killed"] >= 2
    assert found["periods"] == 2 * 900
    assert {figure: found[figure] for figure in GOOD} == GOOD, found


@pytest.mark.long
def test_workers_and_the_database_are_killed_fifty_times(tmp_path: Path) -> None:
    apart = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "STRIPE_API_BASE")
    env = {name: value for name, value in os.environ.items() if name not in apart}
    command = [sys.executable, "-m", "tests.faults.killing", "--kills=50", "--restarts=5"]
    try:
        done = subprocess.run(command, env={**env, "DATA": str(tmp_path)}, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
    finally:
        stop = [sys.executable, "manage.py", "services", "stop"]
        subprocess.run(stop, env={**env, "DATA": str(tmp_path)}, cwd=ROOT, capture_output=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["killed"] >= 50, found["restarted"]) == (True, 5)
    assert found["periods"] == 2 * found["subscriptions"]
    assert {figure: found[figure] for figure in GOOD} == GOOD, found
