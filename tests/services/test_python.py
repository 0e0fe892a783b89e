"""Which Python set-up makes .venv with."""

import subprocess
from pathlib import Path

import pytest

from tests.databases import ROOT

# An interpreter that is asked how fast it is, and answers with microseconds.
SAYS = "#!/bin/sh\necho {}\n"
BROKEN = "#!/bin/sh\nexit 127\n"


def chosen(folder: Path, **pythons: str) -> str:
    """What is chosen of these, each `name__place`, whose places are in PATH in the order in which they are given."""
    places = []
    for key, text in pythons.items():
        name, _, place = key.partition("__")
        path = folder / place / name.replace("_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        places.append(str(path.parent))
    command = ["/bin/bash", str(ROOT / "deploy" / "tools" / "python")]
    run = subprocess.run(
        command, env={"PATH": ":".join(places)}, capture_output=True, text=True, timeout=30, check=True
    )
    return run.stdout.strip().removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("pythons", "expected"),
    [
        ({"python3_11__a": SAYS.format(6000), "python3_11__b": SAYS.format(4000)}, "b/python3.11"),
        ({"python3_11__a": SAYS.format(4000), "python3_11__b": SAYS.format(6000)}, "a/python3.11"),
        ({"python3_11__a": SAYS.format(4000), "python3_11__b": SAYS.format(3700)}, "a/python3.11"),
        ({"python3_11__a": BROKEN, "python3_11__b": SAYS.format(6000)}, "b/python3.11"),
        ({"python3_12__a": SAYS.format(4000), "python3_11__b": SAYS.format(6000)}, "b/python3.11"),
        ({"python3_11__a": BROKEN, "python3_12__a": SAYS.format(6000)}, "a/python3.12"),
        ({"python3__with a space": SAYS.format(6000)}, "with a space/python3"),
        ({"python3__a": BROKEN}, ""),
    ],
    ids=["faster", "first", "hardly-faster", "broken", "version-counts-first", "other-version", "a-space", "none"],
)
def test_the_fastest_of_the_version_that_is_tested(tmp_path: Path, pythons: dict[str, str], expected: str) -> None:
    assert chosen(tmp_path, **pythons) == expected


def test_one_of_this_machine_is_found() -> None:
    found = subprocess.run(
        [str(ROOT / "deploy" / "tools" / "python")], capture_output=True, text=True, timeout=30, check=True
    ).stdout.strip()
    version = [found, "-c", "import sys; print(sys.version_info >= (3, 11))"]
    assert subprocess.run(version, capture_output=True, text=True, timeout=30, check=True).stdout == "True\n"
