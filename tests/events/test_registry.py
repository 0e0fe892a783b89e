"""Who listens to what."""

import pytest

from apps.events import registry
from apps.events.checks import subscriptions_are_declared
from tests.events.probes import hear, listening


def test_a_handler_is_registered_once() -> None:
    with listening(hear, name="tests.once"), pytest.raises(ValueError, match="registered already"):
        registry.subscribe("probe.done", name="tests.once")(hear)


@pytest.mark.parametrize("types", [(), ("probe.done", "probe.done")])
def test_types_are_named_once_each(types: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no event type, or one twice"):
        registry.subscribe(*types, name="tests.none")


def test_listening_tells_inline_from_queued() -> None:
    with listening(hear, name="tests.in", inline=True), listening(hear, name="tests.out"):
        assert [found.name for found in registry.listening("probe.done", inline=True)] == ["tests.in"]
        assert [found.name for found in registry.listening("probe.done", inline=False)] == ["tests.out"]
        assert registry.listening("probe.heard", inline=False) == []
        assert registry.subscriber("tests.out").handler is hear


def test_listening_to_what_nobody_announces_is_an_error() -> None:
    registry.subscribe("probe.vanished", name="tests.deaf")(hear)
    try:
        assert [(error.id, "probe.vanished" in error.msg) for error in subscriptions_are_declared()] == [
            ("events.E001", True)
        ]
    finally:
        registry.unsubscribe("tests.deaf")
    assert subscriptions_are_declared() == []
