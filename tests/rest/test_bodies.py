"""Bodies before they are parsed: compressed ones, and how much they may become."""

import gzip

import pytest

from apps.kernel.errors import Malformed, TooLarge
from apps.rest.bodies import inflate

TEXT = b"usage " * 1000


def test_one_part_or_several_up_to_the_limit():
    assert inflate(gzip.compress(TEXT), len(TEXT)) == TEXT
    assert inflate(gzip.compress(TEXT[:7]) + gzip.compress(b"") + gzip.compress(TEXT[7:]), len(TEXT)) == TEXT
    assert inflate(b"", 10) == b""


@pytest.mark.parametrize("body", [gzip.compress(TEXT), gzip.compress(TEXT[:-1]) + gzip.compress(b"xx")])
def test_more_than_the_limit_is_never_made(body):
    with pytest.raises(TooLarge):
        inflate(body, len(TEXT) - 1 if body == gzip.compress(TEXT) else len(TEXT))


@pytest.mark.parametrize("body", [b"x", gzip.compress(TEXT)[:-1], gzip.compress(TEXT) + b"rest", TEXT])
def test_what_is_not_gzip_or_not_all_of_it(body):
    with pytest.raises(Malformed):
        inflate(body, 10**6)
