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


@pytest.mark.parametrize("parts", [[TEXT, b"x"], [TEXT[:-1], b"xx"], [TEXT + b"x"]])
def test_more_than_the_limit_is_never_made(parts):
    with pytest.raises(TooLarge):
        inflate(b"".join(gzip.compress(part) for part in parts), len(TEXT))


# Named: gzip writes the second into what it makes, and workers have to agree on the tests' names.
@pytest.mark.parametrize(
    "body", [b"x", gzip.compress(TEXT)[:-1], gzip.compress(TEXT) + b"rest", TEXT], ids=["x", "short", "more", "plain"]
)
def test_what_is_not_gzip_or_not_all_of_it(body):
    with pytest.raises(Malformed):
        inflate(body, 10**6)
