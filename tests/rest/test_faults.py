"""What a refusal hints at when it only says that something is wrong inside."""

import pytest

from apps.kernel.errors import Problem
from apps.rest.faults import CORRECT_IT, HINTS, hint_for
from tests.accounts.calls import Api


def faults(*codes: str) -> list[Problem]:
    return [Problem("/a", code, "It is.") for code in codes]


def test_a_hint_of_its_own_stays() -> None:
    assert hint_for("invalid", "Do it.", faults("required")) == "Do it."


def test_few_kinds_of_faults_say_what_they_need() -> None:
    one = hint_for("invalid", CORRECT_IT, faults("required", "required"))
    assert one == HINTS["required"]
    both = hint_for("invalid", "Mend what `errors` points at.", faults("required", "unknown_field"))
    assert both == f"{HINTS['required']} {HINTS['unknown_field']}"


def test_many_kinds_or_an_unknown_one_are_as_the_whole_says() -> None:
    many = faults("required", "unknown_field", "too_long", "blank")
    assert hint_for("invalid", CORRECT_IT, many) == hint_for("invalid", CORRECT_IT, []) == HINTS["invalid"]
    assert hint_for("invalid", CORRECT_IT, faults("required", "of_nobody")) == HINTS["invalid"]
    assert hint_for("of_nobody", CORRECT_IT, faults("of_nobody")) == CORRECT_IT


@pytest.mark.fr("SC-016")
@pytest.mark.django_db
def test_the_answer_holds_it() -> None:
    api = Api()
    assert api.post("/accounts", {"email": "a@b.de"}).json()["hint"] == HINTS["required"]
    assert api.post("/accounts", {"email": "a@b.de", "name": "A", "shoe": 1}).json()["hint"] == HINTS["unknown_field"]
    wrong = api.post("/accounts", {"email": "a@b.de", "name": 3})
    assert wrong.json()["hint"] == HINTS["wrong_type"]
