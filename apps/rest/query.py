"""What may stand behind the `?`: known parameters, once each, with characters that text can hold."""

import difflib
from collections.abc import Iterable

from django.http import QueryDict

from apps.kernel.errors import Invalid, Problem
from apps.rest import card_guard
from apps.rest.parsers import bad_character


def check(
    query: QueryDict, allowed: Iterable[str], *, repeatable: Iterable[str] = (), prefixes: tuple[str, ...] = ()
) -> None:
    """Refuse unknown, repeated and unstorable parameters, all of them at once."""
    names = sorted(allowed)
    problems: list[Problem] = []
    for name, values in query.lists():
        if card_guard.find([name, *values]):
            raise card_guard.refusal([Problem("?", "card_data_refused", "A query parameter holds card data.")])
        pointer = f"?{name[:100]}"
        if any(bad_character(text) for text in (name, *values)):
            problems.append(Problem("?", "invalid_character", "NUL and lone surrogates are refused."))
        elif name not in names and not (prefixes and name.startswith(prefixes) and name.endswith("]")):
            near = difflib.get_close_matches(name, names, n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            problems.append(Problem(pointer, "unknown_parameter", f"There is no such parameter.{meant}"))
        elif len(values) > 1 and name not in repeatable:
            problems.append(Problem(pointer, "repeated_parameter", "Give this parameter once."))
    if problems:
        known = ", ".join(names) or "none"
        raise Invalid(
            problems[0].code,
            "The query string has parameters that cannot be taken.",
            hint=f"Parameters here: {known}.",
            errors=problems,
        )
