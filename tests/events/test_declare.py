"""Declaring what an app may announce."""

import pytest

from apps.events.declare import DomainEvent, declared
from tests.events import probes


def test_a_subclass_is_declared_by_its_type() -> None:
    assert declared()["probe.done"] is probes.Done
    assert probes.Done.version == 1


@pytest.mark.parametrize("name", [None, 7, "Probe.done", "probe", "probe.done.twice", "probe done"])
def test_a_type_is_noun_dot_past_tense(name: object) -> None:
    with pytest.raises(TypeError, match="needs a type"):
        type("Nameless", (DomainEvent,), {} if name is None else {"type": name})


def test_a_type_is_declared_once() -> None:
    with pytest.raises(TypeError, match="declared already"):
        type("Again", (DomainEvent,), {"type": "probe.done"})


def test_a_version_begins_at_one() -> None:
    with pytest.raises(TypeError, match="version of at least 1"):
        type("Zero", (DomainEvent,), {"type": "probe.zeroed", "version": 0})
    assert "probe.zeroed" not in declared()
