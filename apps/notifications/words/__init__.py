"""What the messages say as they are shipped, a language a file; one that is not here reads English. Pure.

Staff may say it in other words (Wording); these are what it starts from, and what it goes back to.
"""

from collections.abc import Mapping

from apps.notifications.words import de, en, fr

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "German", "fr": "French"}
SUBJECT_LENGTH = 200

_MESSAGES = {"en": en.MESSAGES, "de": de.MESSAGES, "fr": fr.MESSAGES}
_SENTENCES = {"en": en.SENTENCES, "de": de.SENTENCES, "fr": fr.SENTENCES}


def shipped(kind: str, language: str) -> tuple[str, str]:
    """Subject and body of a message."""
    return _MESSAGES.get(language, en.MESSAGES)[kind]


def sentence(name: str, language: str) -> str:
    """A sentence that depends on the case."""
    return _SENTENCES.get(language, en.SENTENCES)[name]


def spoken(language: str) -> str:
    """The language that a customer of that one reads."""
    return language if language in _MESSAGES else "en"


def one_line(text: str) -> str:
    """Text without line ends and other characters that cannot be seen: fit for a header."""
    seen = text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)
    return " ".join(seen.split())
