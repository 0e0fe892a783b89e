"""Python looks for cycles seldom, from the start of a process on."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_process_looks_seldom_before_anything_is_loaded() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import billing_project, gc; print(gc.get_threshold())"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == "(100000, 50, 100)"


def test_a_process_that_stays_leaves_alone_what_is_loaded() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import gc, apps.kernel.memory as own; own.settle(); print(gc.get_freeze_count())"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(said.stdout) > 1000
