"""The little that a message's text may hold: names in braces, paragraphs, and buttons on lines of their own. Pure.

    Hello {customer},

    [Pay now](pay)

From it come the plain text and the HTML of a mail. Everything is escaped: no name and no wording can add markup.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from html import escape

from apps.kernel.errors import Problem
from apps.notifications.words import SUBJECT_LENGTH, one_line

LINKS = ("pay", "method", "document")
BODY_LENGTH = 5000
FIRM = "\u00a0\u202f"
"""Spaces at which no line ends."""

_NAME = re.compile(r"\{([^{}]*)\}")
_BUTTON = re.compile(r"\[([^\[\]\n]{1,80})\]\(([a-z]+)\)")


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with every name replaced; a name that says nothing leaves no gap."""
    said = _NAME.sub(lambda found: _flat(facts.get(found[1], "")), text)
    paragraphs = (re.sub(" {2,}", " ", each).strip() for each in said.split("\n\n"))
    return "\n\n".join(each for each in paragraphs if each)


def _flat(text: str) -> str:
    """A name in one line; spaces that keep a figure and its currency together stay."""
    if text.isprintable():
        return text.strip()
    return "".join(each if each.isprintable() or each in FIRM else " " for each in text).strip()


def subject(text: str, facts: Mapping[str, str]) -> str:
    """One line, whatever the names hold."""
    return one_line(filled(text, facts))[:SUBJECT_LENGTH]


def plain(body: str, links: Mapping[str, str]) -> str:
    """The mail as text: a button is its words and its address. One without an address is left out."""
    said = []
    for paragraph in _paragraphs(body):
        if (button := _BUTTON.fullmatch(paragraph)) is None:
            said.append(paragraph)
        elif address := links.get(button[2]):
            said.append(f"{button[1]}:\n{address}")
    return "\n\n".join(said) + "\n"


def parts(body: str, links: Mapping[str, str]) -> list[dict[str, str]]:
    """The mail for its HTML template: paragraphs (escaped, with line ends) and buttons with their addresses."""
    found = []
    for paragraph in _paragraphs(body):
        if (button := _BUTTON.fullmatch(paragraph)) is None:
            # Lines are broken to be read in a form; in a mail they flow.
            found.append({"html": escape(" ".join(paragraph.split("\n")))})
        elif address := links.get(button[2]):
            found.append({"button": button[1], "address": address})
    return found


def problems(text_subject: str, body: str, names: Collection[str]) -> Iterator[Problem]:
    """All that is wrong with a wording whose message may name `names`."""
    for field, text, longest in (("subject", text_subject, SUBJECT_LENGTH), ("body", body, BODY_LENGTH)):
        if not one_line(text):
            yield Problem(f"/{field}", "required", "A message needs it.")
        if len(text) > longest:
            yield Problem(f"/{field}", "too_long", f"It has at most {longest} characters.")
        yield from _name_problems(field, text, names)
    for words, target in _BUTTON.findall(body):
        if target not in LINKS:
            yield Problem("/body", "link_unknown", f"[{words}] leads nowhere: there are {', '.join(LINKS)}.")


def _name_problems(field: str, text: str, names: Collection[str]) -> Iterator[Problem]:
    for name in dict.fromkeys(_NAME.findall(text)):
        if name not in names:
            allowed = ", ".join(sorted(names))
            yield Problem(f"/{field}", "name_unknown", f"{{{name[:50]}}} is not known here. There are: {allowed}.")
    if set("{}") & set(_NAME.sub("", text)):
        yield Problem(f"/{field}", "brace_alone", "A brace stands alone: names are written {like_this}.")


def _paragraphs(body: str) -> Iterator[str]:
    return (each.strip() for each in body.replace("\r\n", "\n").split("\n\n") if each.strip())
