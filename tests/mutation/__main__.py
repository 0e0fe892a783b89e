"""Tries every mutant of the rules against the rules' own tests, on two cores: `python -m tests.mutation [module...]`.

The tree is not touched: a mutant lives in a process of its own that imports it in place of the module.
"""

import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

import hypothesis
import pytest

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.targets import EQUIVALENT, TARGETS

ROOT = Path(__file__).parents[2]
CORES = 2
SECONDS = 60
"""A mutant that makes a loop endless is killed by the clock."""
DEMANDED = 95


@dataclass(frozen=True)
class Trial:
    module: str
    mutant: Mutant
    tests: Sequence[str]

    @property
    def name(self) -> str:
        """The same wherever the module's lines move."""
        return f"{self.module} {self.mutant.statement}"


class InPlace(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module another body."""

    def __init__(self, module: str, code: CodeType) -> None:
        self.module, self.code = module, code

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self.module else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


def trials(wanted: Sequence[str]) -> Iterator[Trial]:
    for module, tests in TARGETS.items():
        if not wanted or module in wanted:
            for mutant in mutants(ROOT / (module.replace(".", "/") + ".py")):
                yield Trial(module, mutant, tests)


def survives(trial: Trial | None, tests: Sequence[str]) -> int:
    """In a forked child: 0 if the tests stay green."""
    signal.alarm(SECONDS)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    if trial is not None:
        code = compile(trial.mutant.tree, trial.module, "exec")
        sys.meta_path.insert(0, InPlace(trial.module, code))
    # Nothing may fail for being slow: a busy machine would count as a kill.
    patient = hypothesis.settings(deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
    hypothesis.settings.register_profile("mutation", patient, max_examples=50, derandomize=True, database=None)
    hypothesis.settings.load_profile("mutation")
    # Hypothesis is here before pytest can rewrite its plugin, and Django's options mean nothing without Django.
    ignored = ("ignore::pytest.PytestConfigWarning", "ignore::pytest.PytestAssertRewriteWarning")
    warnings = [option for each in ignored for option in ("-W", each)]
    without = [option for each in ("no:django", "no:randomly", "no:cacheprovider") for option in ("-p", each)]
    options = ["-x", "-q", "-n0", "--noconftest", *warnings, *without]
    return int(pytest.main([*options, *tests]))


def run(queue: Sequence[Trial]) -> list[Trial]:
    """The trials whose tests stayed green."""
    running: dict[int, Trial] = {}
    alive: list[Trial] = []
    waiting = list(reversed(queue))
    while waiting or running:
        while waiting and len(running) < CORES:
            trial = waiting.pop()
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    code = survives(trial, trial.tests)
                finally:
                    os._exit(code)
            running[child] = trial
        ended, status = os.wait()
        if os.WIFSIGNALED(status):
            print("killed by signal", os.WTERMSIG(status), running[ended].mutant.line, running[ended].name, flush=True)
        if status == 0:
            alive.append(running[ended])
            print("survives", running[ended].mutant.line, running[ended].name, flush=True)
        del running[ended]
    return alive


def main(wanted: Sequence[str]) -> int:
    if strange := set(wanted) - set(TARGETS):
        print("not a module with targets:", *sorted(strange))
        return 2
    queue = list(trials(wanted))
    for tests in {trial.tests for trial in queue}:
        child = os.fork()
        if child == 0:
            os._exit(survives(None, tests))
        if os.waitpid(child, 0)[1]:
            print("red without a mutant:", *tests)
            return 2
    alive = run(queue)
    unknown = [trial for trial in alive if trial.name not in EQUIVALENT]
    for module in TARGETS:
        of = [trial for trial in queue if trial.module == module]
        left = [trial for trial in alive if trial.module == module]
        if of:
            equal = sum(trial.name in EQUIVALENT for trial in left)
            print(f"{module}: {len(of) - len(left)} of {len(of)} killed, {equal} equivalent")
    killed = 100 * (len(queue) - len(alive)) / len(queue)
    print(f"{len(queue)} mutants, {killed:.1f} % killed, {len(unknown)} survivors without a reason")
    tried, survived = {trial.module for trial in queue}, {trial.name for trial in alive}
    stale = [name for name in EQUIVALENT if name.split()[0] in tried and name not in survived]
    for name in stale:
        print("listed as equivalent, but no survivor:", name)
    return int(killed < DEMANDED or bool(unknown) or bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
