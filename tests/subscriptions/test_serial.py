"""Whatever is asked of a subscription at the same moment comes to what it would come to in some order."""

import random
from collections.abc import Sequence
from itertools import combinations, count, permutations

import pytest
from django.conf import LazySettings

from apps.monitoring.invariants import broken
from tests.explain.holding import unexplained
from tests.subscriptions.copies import SCENES, VERBS, World
from tests.subscriptions.serial import at_once, is_serial, overtaken

pytestmark = pytest.mark.fr("FR-026", "FR-041", "SC-009")
MAIN = ("quantity", "plan", "pause", "cancel", "cancel later", "resume", "run", "void")


@pytest.fixture(autouse=True)
def _clocks(settings: LazySettings) -> None:
    """Each copy lives on a clock of its own."""
    settings.BILLING_TEST_CLOCKS = True


def together(world: World, scene: str, groups: Sequence[Sequence[str]]) -> None:
    """Each group on a copy of its own."""
    alike = world.copy(SCENES[scene])
    others = [is_serial(at_once(world.copy(SCENES[scene]), verbs), alike, verbs) for verbs in groups]
    assert not (found := [each for each in others if each]), f"{scene}: {len(found)}\n" + "\n\n".join(found)
    assert broken() == []
    assert unexplained() == []


def half_done(world: World, scene: str, pairs: Sequence[tuple[str, str]]) -> int:
    """Each pair as often as the first has locks, on a copy each; how many that were."""
    alike, tried, found = world.copy(SCENES[scene]), 0, []
    for first, second in pairs:
        for point in count(1):
            outcome = overtaken(world.copy(SCENES[scene]), first, second, point)
            if outcome is None:
                break
            tried += 1
            if other := is_serial(outcome, alike, (first, second)):
                found.append(f"{second} before lock {point} of {first}: {other}")
    assert not found, f"{scene}: {len(found)}\n" + "\n\n".join(found)
    assert broken() == []
    return tried


def some(seed: int, size: int, count: int) -> list[tuple[str, ...]]:
    return random.Random(seed).sample(list(combinations(MAIN, size)), count)


@pytest.mark.parametrize(("scene", "seed"), [("a renewal is due", 1), ("owed, within the period", 2)])
def test_some_at_once(committed_db: str, scene: str, seed: int) -> None:
    together(World(), scene, [*some(seed, 2, 6), *some(seed, 3, 2), *some(seed, 4, 1)])


@pytest.mark.parametrize(
    ("scene", "first", "second"),
    [
        ("a renewal is due", "cancel later", "pause"),
        ("two renewals are due", "quantity", "run"),
        ("changed today", "quantity", "void"),
        ("the first day", "plan", "pay"),
    ],
)
def test_one_overtakes_another_that_is_half_done(committed_db: str, scene: str, first: str, second: str) -> None:
    assert half_done(World(), scene, [(first, second)]) > 2


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES)
def test_all_pairs_at_once(committed_db: str, scene: str) -> None:
    together(World(), scene, list(combinations(VERBS, 2)))


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES)
def test_many_at_once(committed_db: str, scene: str) -> None:
    together(World(), scene, [*some(3, 3, 25), *some(4, 4, 12)])


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES)
def test_each_overtakes_each(committed_db: str, scene: str) -> None:
    """A fifth of the ordered pairs, others in each scene: all of them take four minutes a scene."""
    pairs = list(permutations([*MAIN, "pay", "note", "detach"], 2))
    assert half_done(World(), scene, random.Random(scene).sample(pairs, len(pairs) // 5)) > 50
