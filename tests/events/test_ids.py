"""Ids of events rise within a process."""

import threading
from concurrent.futures import ThreadPoolExecutor

from apps.events.ids import rising


def test_they_rise_within_one_millisecond_and_are_version_7() -> None:
    made = rising(5000)
    assert made == sorted(set(made))
    assert {value.version for value in made} == {7}


def test_threads_get_different_ones() -> None:
    barrier = threading.Barrier(4)

    def take(_: int) -> list[object]:
        barrier.wait()
        return [value for _ in range(200) for value in rising(5)]

    with ThreadPoolExecutor(4) as pool:
        made = [value for values in pool.map(take, range(4)) for value in values]
    assert len(set(made)) == 4000
