"""Eight workers doing everything at once for a minute: no deadlock, no error, and the books hold."""

import json
import subprocess
import sys

import pytest

from tests.databases import ROOT


@pytest.mark.long
def test_a_minute_of_eight_workers_at_once() -> None:
    command = [sys.executable, "-m", "tests.performance.soak", "--seconds", "60", "--workers", "8"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    figures = json.loads(done.stdout.splitlines()[-1])
    assert (figures["deadlocks"], figures["errors"], figures["broken"], done.returncode) == (0, [], [], 0)
    assert figures["done"] > 500
