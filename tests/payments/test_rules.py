"""Pauses that grow, and what a token looks like."""

import pytest

from apps.payments.rules import TOKEN, back_off


def test_pauses_grow_up_to_five_minutes() -> None:
    assert [back_off(calls).total_seconds() for calls in (0, 1, 2, 3, 8, 9, 10_000)] == [2, 2, 4, 8, 256, 300, 300]


@pytest.mark.parametrize("token", ["pm_card_visa", "seti_1NqX", "tok_visa"])
def test_tokens(token: str) -> None:
    assert TOKEN.fullmatch(token)


@pytest.mark.parametrize("text", ["", "4242424242424242", "pm-card", "pm_", "PM_card", "pm_card visa", "pm_x\n"])
def test_no_tokens(text: str) -> None:
    assert not TOKEN.fullmatch(text)
