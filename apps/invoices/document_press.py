"""The typesetter: a template of ours and data make a PDF. What customers say is data and never markup.

Fonts are loaded once per process and shared by its threads; each thread has a compiler of its own, so that they work
side by side.
"""

import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import typst

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates" / "invoices"
FONTS = HERE / "fonts"
STANDARD: Final = "a-3b"
_UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff\ud800-\udfff]")


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Ours alone: a document looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


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
    """`value` without characters that cannot be set."""
    if isinstance(value, str):
        return _UNSEEN.sub("", value)
    if isinstance(value, Mapping):
        return {name: seen(each) for name, each in value.items()}
    if isinstance(value, list | tuple) and not (value and isinstance(value[0], int)):
        return [seen(each) for each in value]
    return value
