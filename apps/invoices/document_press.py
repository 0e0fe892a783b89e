"""The typesetter: a template of ours and data make a PDF. What customers say is data and never markup.

Fonts are loaded once per process and shared by its threads; each thread has a compiler of its own, so that they work
side by side.
"""

import json
import re
import threading
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates" / "invoices"
FONTS = HERE / "fonts"
STANDARD: Final = "a-3b"
BOX: Final = "\u25a1"
_UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff\ud800-\udfff]")


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Ours alone: a document looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


@lru_cache(maxsize=1)
def _drawn() -> frozenset[str]:
    """Every character that one of our fonts has, and the two that are spaces to the typesetter."""
    drawn = {"\t", "\n"}
    for file in FONTS.glob("*.?tf"):
        with TTFont(file, lazy=True) as font:
            drawn.update(map(chr, font.getBestCmap()))
    return frozenset(drawn)


@lru_cache(maxsize=8)
def _template(name: str) -> bytes:
    return (TEMPLATES / name).read_bytes()


_here = threading.local()


def _compiler() -> typst.Compiler:
    """This thread's: to make one costs as much as a tenth of a document."""
    try:
        made: typst.Compiler = _here.compiler
    except AttributeError:
        made = _here.compiler = typst.Compiler(root=TEMPLATES, font_paths=_fonts(), ignore_system_fonts=True)
    return made


def press(template: str, data: Mapping[str, Any], *, day: date) -> bytes:
    """The document as PDF/A-3, the same bytes for the same data; `day` is what it says of its making."""
    told = json.dumps(seen(data), ensure_ascii=False).encode()
    # The data is a file beside the template, of this document alone: what documents share is set once.
    files: Any = {"main.typ": _template(template), "data.json": told}
    made = _compiler().compile(
        files,
        format="pdf",
        pdf_standards=STANDARD,
        timestamp=datetime.combine(day, time(), tzinfo=UTC),
    )
    if not isinstance(made, bytes):
        raise TypeError("the typesetter made no single document")
    return made


def seen(value: Any) -> Any:
    """`value` without characters that cannot be set: PDF/A refuses what no font has, which comes out as a box."""
    if isinstance(value, str):
        text, drawn = _UNSEEN.sub("", value), _drawn()
        return text if drawn.issuperset(text) else "".join(each if each in drawn else _instead(each) for each in text)
    if isinstance(value, Mapping):
        return {name: seen(each) for name, each in value.items()}
    if isinstance(value, list | tuple) and not (value and isinstance(value[0], int)):
        return [seen(each) for each in value]
    return value


def _instead(character: str) -> str:
    """What stands for a character that no font has: its parts, a space, nothing if it only marks another, or a box."""
    parts = unicodedata.normalize("NFD", character)
    if _drawn().issuperset(parts):
        return parts
    kind = unicodedata.category(character)
    return " " if kind.startswith("Z") else "" if kind in ("Cf", "Mn", "Me", "Sk") else BOX
