"""A message as plain text and as HTML in the seller's colours, from its words."""

from typing import Any

from django.template.loader import render_to_string

from apps.notifications import markup
from apps.notifications.links import links, unsubscribe
from apps.notifications.models import Message
from apps.notifications.rules import OPTIONAL
from apps.notifications.words import one_line, sentence
from apps.tax.models import Seller


def bodies(message: Message, who: Seller) -> tuple[str, str]:
    """The text and the HTML of a mail from `who`. Both say the same, and lead to the same places."""
    where = links(message)
    names = {"seller": who.legal_name}
    footer = markup.filled(sentence("sent_by", message.language), names)
    away = unsubscribe(message) if message.kind in OPTIONAL else ""
    text = markup.plain(message.text, where)
    text += f"\n-- \n{one_line(footer)}\n{_address(who)}\n"
    if away:
        text += f"{sentence('unsubscribe', message.language)}: {away}\n"
    context: dict[str, Any] = {
        "language": message.language,
        "subject": one_line(message.subject),
        "seller": who,
        "address": _address(who),
        "parts": markup.parts(message.text, where),
        "footer": footer,
        "unsubscribe": away,
        "unsubscribe_words": sentence("unsubscribe", message.language),
    }
    return text, render_to_string("notifications/mail.html", context)


def _address(who: Seller) -> str:
    place = " ".join(each for each in (who.postal_code, who.city) if each)
    return ", ".join(one_line(each) for each in (who.legal_name, who.line1, who.line2, place, who.country) if each)
