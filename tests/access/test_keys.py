"""Keys: their shape, their entropy, what is kept of them."""

import hashlib
import math

import pytest

from apps.access import keys


@pytest.mark.parametrize(("livemode", "beginning"), [(False, "bk_test_"), (True, "bk_live_")])
def test_a_key_says_its_mode_and_is_found_by_its_prefix(livemode: bool, beginning: str) -> None:
    prefix, plain = keys.mint(livemode=livemode)
    presented = keys.parse(plain)
    assert plain.startswith(prefix)
    assert prefix.startswith(beginning)
    assert presented == keys.Presented(prefix, livemode, hashlib.sha256(plain.encode()).hexdigest())


def test_the_secret_holds_32_bytes_of_entropy() -> None:
    assert keys.SECRET_LENGTH * math.log2(len(set(keys.ALPHABET))) >= 256
    assert len({keys.mint(livemode=False)[1] for _ in range(500)}) == 500


@pytest.mark.parametrize("change", [lambda key: key[:-1], lambda key: key + "a", lambda key: key.upper(),
                                    lambda key: key[:-1] + "-", lambda key: key[:-1] + "é", lambda key: key + "\n",
                                    lambda key: "", lambda key: key.replace("bk_test", "sk_test")])  # fmt: skip
def test_what_no_key_looks_like_is_none(change: object) -> None:
    assert keys.parse(change(keys.mint(livemode=False)[1])) is None  # type: ignore[operator]


def test_digests_are_compared_whole() -> None:
    one = keys.digest("a")
    assert keys.same(one, keys.digest("a"))
    assert not keys.same(one, keys.digest("b"))
