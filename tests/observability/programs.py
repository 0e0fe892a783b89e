"""Prometheus's and Alertmanager's own programs, which `make tools` has found or downloaded."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "observability"


def program(name: str) -> Path:
    found = ROOT / ".tools" / "monitoring" / name
    assert found.exists(), f"{name} is missing: run `make tools`"
    return found


def run(name: str, *arguments: object, cwd: Path = FOLDER) -> str:
    """What it says; it has to be content."""
    done = subprocess.run([program(name), *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
