"""What a VAT number looks like, and when it moves the tax to whoever has it."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.tax.vat_rules import PREFIXES, UNION, VatNumber, back_off, prefixed, read, reverses

TRUE = {
    "AT": "ATU13585627", "BE": "BE0403019261", "BG": "BG175074752", "CY": "CY10259033P", "CZ": "CZ25123891",
    "DE": "DE136695976", "DK": "DK13585628", "EE": "EE100931558", "EL": "EL094259216", "ES": "ESB58378431",
    "FI": "FI20774740", "FR": "FR40303265045", "HR": "HR33392005961", "HU": "HU12892312", "IE": "IE6433435F",
    "IT": "IT00743110157", "LT": "LT119511515", "LU": "LU15027442", "LV": "LV40003521600", "MT": "MT11679112",
    "NL": "NL004495445B01", "PL": "PL8567346215", "PT": "PT501964843", "RO": "RO18547290", "SE": "SE123456789701",
    "SI": "SI50223054", "SK": "SK2022749619", "XI": "XI110305878",
}  # fmt: skip
"""Numbers that the member states' rules, python-stdnum's documents and many companies' own pages publish."""


@pytest.mark.fr("FR-100")
@pytest.mark.parametrize("prefix", sorted(PREFIXES))
def test_the_check_digits_of_each_member_state(prefix: str) -> None:
    number = read(TRUE[prefix])
    assert number is not None
    assert (number.prefix, str(number)) == (prefix, TRUE[prefix])
    spaced = f" {prefix.lower()} {number.digits[:4]}-{number.digits[4:]} "
    assert read(spaced) == number
    # Every one of these rules finds one digit more or less, and one that is another.
    place = max(index for index, character in enumerate(number.digits) if character.isdigit())
    for others in ("".join(str((int(number.digits[place]) + step) % 10)) for step in (1, 3, 7)):
        wrong = number.digits[:place] + others + number.digits[place + 1 :]
        # The last two digits of these are a branch, or one more of no meaning: an earlier one is checked.
        if prefix in ("NL", "SE"):
            wrong = others + number.digits[1:] if others != number.digits[0] else "9" + number.digits[1:]
        assert read(prefix + wrong) is None, wrong
    assert read(prefix + number.digits + "11111") is None


def test_the_union_has_twenty_seven_members() -> None:
    assert len(UNION) == 27
    assert {VatNumber(prefix, "1").country for prefix in PREFIXES} == UNION | {"GB"}


@pytest.mark.parametrize(
    ("text", "written", "country"),
    [
        ("GR 094259216", "EL094259216", "GR"), ("EL94259216", "EL094259216", "GR"),
        ("XI 110305878", "XI110305878", "GB"),
        ("BE 403.019.261", "BE0403019261", "BE"),
        ("DE\uff11\uff136695976", "DE136695976", "DE"),
    ],
)  # fmt: skip
def test_one_way_of_writing(text: str, written: str, country: str) -> None:
    number = read(text)
    assert number is not None
    assert (str(number), number.country) == (written, country)


@pytest.mark.parametrize(
    "text", ["", " ", "DE", "DE1", "GB980780684", "CHE107787577", "EU372022452", "12/345/67890",
     "DE136695976" * 9, "\x00"]
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert read(text) is None


@given(st.one_of(st.text(max_size=70), st.builds("{}{}".format, st.sampled_from(sorted(PREFIXES)), st.text())))
@example("DE" + "9" * 70)
def test_any_text_is_read(text: str) -> None:
    number = read(text)
    if number is not None:
        assert read(str(number)) == number
        assert len(str(number)) <= 16
        assert prefixed(text)


@pytest.mark.fr("FR-100")
@pytest.mark.parametrize(
    ("customer", "registered", "seat", "moved"),
    [
        ("FR", {"DE"}, "DE", True),
        ("FR", {"DE"}, "", True),
        ("DE", {"DE"}, "DE", False),  # at home
        ("DE", {"DE"}, "", False),
        ("FR", {"DE", "FR"}, "DE", True),  # registered there for consumers
        ("DE", {"DE", "FR"}, "DE", False),
        ("FR", {"DE", "FR"}, "", False),  # nobody has said where the seller sits
        ("FR", {"DE", "FR"}, "US", True),  # from outside, registered for consumers
        ("DE", {"DE"}, "US", False),  # registered nowhere else in the union
        ("FR", set(), "DE", False),
        ("FR", {"US"}, "US", False),
        ("GB", {"DE"}, "DE", False),  # a number of Northern Ireland: services are sold outside the union
        ("CH", {"DE"}, "DE", False),
    ],
)
def test_when_the_customer_owes_the_tax(customer: str, registered: set[str], seat: str, moved: bool) -> None:
    assert reverses(customer, registered=registered, seat=seat) is moved


def test_a_silent_vies_is_asked_more_and_more_seldom() -> None:
    waits = [back_off(calls) for calls in (0, 1, 2, 5, 10, 1000)]
    assert waits == [timedelta(minutes=each) for each in (1, 1, 2, 16, 360, 360)]
