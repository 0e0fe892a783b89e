"""Seconds of the processor that processes have taken, each with all that it has started."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def spent(roots: Mapping[str, int]) -> dict[str, float]:
    """By name, of the process of that id and of those below it that have no name; what has ended below is in it."""
    parents: dict[int, list[int]] = {}
    taken: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (stat := _stat(folder)):
            parent, taken[int(folder.name)] = stat
            parents.setdefault(parent, []).append(int(folder.name))
    named = set(roots.values())
    return {
        name: sum(taken.get(pid, 0) for pid in _below(root, parents, named)) / _TICKS for name, root in roots.items()
    }


def parent_of(pid: int) -> int:
    """The process that started this one."""
    found = _stat(Path(f"/proc/{pid}"))
    assert found, f"no process {pid}"
    return found[0]


def _stat(folder: Path) -> tuple[int, int] | None:
    """The parent, and the ticks of the process itself and of its children that have ended."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None  # it has ended meanwhile
    return int(fields[1]), sum(int(each) for each in fields[11:15])


def _below(root: int, children: Mapping[int, list[int]], named: Collection[int]) -> list[int]:
    found = [root]
    for pid in found:
        found += [each for each in children.get(pid, []) if each not in named]
    return found
