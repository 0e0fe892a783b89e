"""XML by elements: what is empty is left out, and what XML cannot hold is never in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from lxml import etree

_UNSEEN = re.compile("[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Element:
    """An element that holds something: text, or others. A document is put together from below, and made from above."""

    tag: str
    text: str
    children: Iterable["Element | None"]
    attributes: Mapping[str, str]


Content = Element | str | Decimal | int | None


def element(tag: str, *content: Content | Iterable[Element | None], **attributes: str) -> Element | None:
    """The element, or nothing where it would hold nothing; names are written with their prefix."""
    text = ""
    children: list[Element] = []
    for part in content:
        if part is None:
            continue
        if isinstance(part, Element):
            children.append(part)
        elif isinstance(part, str | Decimal | int):
            text = shown(part)
        else:
            children += [each for each in part if each is not None]
    return Element(tag, text, children, attributes) if text or children else None


def long(tag: str, *content: Iterable[Element | None]) -> Element:
    """An element of many others, each of them made when it is written: a document may have 30,000 lines."""
    return Element(tag, "", chain.from_iterable(content), {})


def shown(value: str | Decimal | int) -> str:
    """Text without what XML 1.0 cannot hold and without blanks around it; a number without an exponent."""
    if isinstance(value, str):
        return _UNSEEN.sub("", value).strip()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def money(amount: Decimal) -> Decimal:
    """An amount with at most two digits behind the point, which is all that the rules take."""
    return amount.quantize(_CENT) if int(amount.as_tuple().exponent) < int(_CENT.as_tuple().exponent) else amount


def serialized(root: Element, spaces: Mapping[str, str]) -> bytes:
    """The document with these name spaces, the same bytes for the same elements. "" is that of names without prefix."""
    names = _Names(spaces)
    top = etree.Element(names[root.tag], nsmap={prefix or None: uri for prefix, uri in spaces.items()})
    _fill(top, root, names)
    written: bytes = etree.tostring(top, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


class _Names(dict[str, str]):
    """Names with their prefix -> names with their space, each put together once."""

    def __init__(self, spaces: Mapping[str, str]) -> None:
        super().__init__()
        self._spaces = spaces

    def __missing__(self, tag: str) -> str:
        prefix, _, local = tag.rpartition(":")
        found = self[tag] = f"{{{self._spaces[prefix]}}}{local}"
        return found


def _fill(made: etree._Element, told: Element, names: _Names) -> None:
    if told.text:
        made.text = told.text
    for child in told.children:
        if child is not None:
            _fill(etree.SubElement(made, names[child.tag], child.attributes), child, names)
