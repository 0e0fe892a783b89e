"""Cells of files that people open in a spreadsheet: text is text there, whatever it begins with. Pure."""

import re

_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)


def cell(value: object) -> object:
    """`value` as a cell of a CSV file. Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_ACTIVE) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
