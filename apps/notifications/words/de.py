"""German: what each message says, and the sentences that depend on the case."""

from collections.abc import Mapping

MESSAGES: Mapping[str, tuple[str, str]] = {
    "invoice_created": (
        "Rechnung {number} von {seller}",
        """Guten Tag {customer},

anbei erhalten Sie Ihre Rechnung {number} über {total}. {how_to_pay}

[Rechnung ansehen](document)

Vielen Dank!""",
    ),
    "invoice_copy": (
        "Rechnung {number} von {seller}",
        """Guten Tag {customer},

anbei erhalten Sie wie gewünscht noch einmal Ihre Rechnung {number} über {total}. {how_to_pay}

[Rechnung ansehen](document)

Vielen Dank!""",
    ),
    "receipt": (
        "Vielen Dank für Ihre Zahlung von {amount}",
        """Guten Tag {customer},

wir haben {amount} für die Rechnung {number} erhalten. {still_open}

[Rechnung ansehen](document)

Schön, dass Sie bei uns sind!""",
    ),
    "payment_failed": (
        "Ihre Zahlung von {amount} hat nicht geklappt",
        """Guten Tag {customer},

wir wollten {amount} für die Rechnung {number} einziehen, und das hat nicht geklappt. {reason}

{next_try}

[Zahlungsmittel aktualisieren](method)

Wenn etwas unklar ist, antworten Sie einfach: Wir helfen gern.""",
    ),
    "payment_confirmation": (
        "Bitte bestätigen Sie Ihre Zahlung über {amount}",
        """Guten Tag {customer},

Ihre Bank möchte, dass Sie die Zahlung von {amount} für Rechnung {number} selbst bestätigen. Das dauert eine Minute
und geht bis zum {until}.

[Zahlung bestätigen](pay)

Falls Sie sie inzwischen bestätigt haben, beachten Sie diese Nachricht bitte nicht. Vielen Dank!""",
    ),
    "payment_method_needed": (
        "Bitte hinterlegen Sie ein Zahlungsmittel für die Rechnung {number}",
        """Guten Tag {customer},

Ihre Rechnung {number} über {open} ist am {due} fällig, und bei uns ist kein Zahlungsmittel hinterlegt. Könnten Sie
eines hinterlegen oder den Betrag überweisen? In den nächsten Tagen ändert sich für Sie nichts.

[Zahlungsmittel hinterlegen](method)

Wenn etwas unklar ist, antworten Sie einfach: Wir helfen gern.""",
    ),
    "payment_reminder": (
        "Eine freundliche Erinnerung: Rechnung {number}",
        """Guten Tag {customer},

vielleicht ist es untergegangen: Die Rechnung {number} war am {due} fällig, und {open} sind noch offen.

[Jetzt zahlen](pay)

Falls Sie inzwischen gezahlt haben, betrachten Sie diese Nachricht bitte als erledigt, und vielen Dank. Wenn etwas
unklar ist, antworten Sie einfach.""",
    ),
    "payment_warning": (
        "Die Rechnung {number} ist noch offen",
        """Guten Tag {customer},

die Rechnung {number} war am {due} fällig, und {open} sind noch offen. Ihr Konto funktioniert wie gewohnt. Damit
das so bleibt, zahlen Sie bitte in den nächsten Tagen oder sprechen Sie mit uns: Wir finden einen Weg.

[Jetzt zahlen](pay)

Falls Sie inzwischen gezahlt haben, betrachten Sie diese Nachricht bitte als erledigt, und vielen Dank.""",
    ),
    "account_blocked": (
        "Ihr Konto ruht, bis die Rechnung {number} bezahlt ist",
        """Guten Tag {customer},

die Rechnung {number} über {open} ist noch offen, deshalb ruht der Zugang zu Ihrem Konto vorerst. Nichts geht
verloren: Sobald die Zahlung da ist, funktioniert sofort wieder alles.

[Jetzt zahlen](pay)

Wenn Sie gerade nicht zahlen können oder mit der Rechnung etwas nicht stimmt, antworten Sie bitte: Wir finden einen
Weg.""",
    ),
    "welcome_back": (
        "Willkommen zurück!",
        """Guten Tag {customer},

vielen Dank, Ihre Zahlung ist da, und Ihr Konto funktioniert wieder. Schön, dass Sie wieder da sind.

Einen guten Tag!""",
    ),
    "account_settled": (
        "Vielen Dank, alles ist beglichen",
        """Guten Tag {customer},

vielen Dank, Ihre Zahlung ist da. Sie müssen nichts weiter tun.

Einen guten Tag!""",
    ),
    "trial_ending": (
        "Ihre Testphase von {plan} endet am {trial_end}",
        """Guten Tag {customer},

Ihre Testphase von {plan} endet am {trial_end}. {after_trial}

[Zahlungsmittel ansehen](method)

Wenn Sie lieber nicht weitermachen möchten, können Sie bis dahin jederzeit kündigen. Fragen? Antworten Sie
einfach.""",
    ),
    "card_expiring": (
        "Ihre Karte {card} läuft bald ab",
        """Guten Tag {customer},

Ihre Karte {card} läuft Ende {expires} ab. Wenn Sie schon eine neue haben, hinterlegen Sie sie bitte, damit die
nächste Zahlung von selbst klappt.

[Neue Karte hinterlegen](method)

Vielen Dank!""",
    ),
    "credit_applied": (
        "Ein Guthaben von {amount} wurde mit der Rechnung {number} verrechnet",
        """Guten Tag {customer},

wir haben Ihr Guthaben verrechnet: {amount} gingen von der Rechnung {number} ab. {still_open}

[Rechnung ansehen](document)

Vielen Dank!""",
    ),
    "invoice_corrected": (
        "Korrigierte Rechnung {number} von {seller}",
        """Guten Tag {customer},

wir haben Ihre Rechnung {replaced} korrigiert. Die neue, {number} über {total}, liegt bei und tritt an ihre Stelle.
{how_to_pay}

[Rechnung ansehen](document)

Bitte entschuldigen Sie die Umstände. Wenn etwas unklar ist, antworten Sie einfach.""",
    ),
    "credit_note": (
        "Gutschrift {number} von {seller}",
        """Guten Tag {customer},

wir haben Ihnen {amount} der Rechnung {invoice} gutgeschrieben. Die Gutschrift {number} liegt bei. Sie müssen
nichts tun.

Wenn etwas unklar ist, antworten Sie einfach.""",
    ),
}

SENTENCES: Mapping[str, str] = {
    "settled": "Es ist nichts zu zahlen.",
    "by_card": "Wir ziehen {open} über Ihr hinterlegtes Zahlungsmittel ein; Sie müssen nichts tun.",
    "too_small": "{open} sind zu wenig für einen Einzug: Sie kommen zur nächsten Rechnung dazu. Sie müssen nichts tun.",
    "with_earlier": "Darin sind {carried} für frühere Rechnungen, die für einen Einzug zu klein waren.",
    "to_pay": "Bitte zahlen Sie {open} bis zum {due}. Wie, steht auf der Rechnung.",
    "nothing_open": "Die Rechnung ist beglichen.",
    "some_open": "{open} sind noch offen.",
    "next_try": "Wir versuchen es am {next_day} noch einmal; klappt es dann, müssen Sie nichts tun.",
    "no_next_try": "Von selbst versuchen wir es nicht noch einmal: Bitte wählen Sie einen anderen Weg zu zahlen.",
    "after_trial_card": "Danach geht es von selbst weiter, über Ihr hinterlegtes Zahlungsmittel.",
    "after_trial_none": "Damit es danach weitergeht, hinterlegen Sie bitte ein Zahlungsmittel.",
    "insufficient_funds": "Die Bank sagt, dass das Konto nicht gedeckt war.",
    "expired_card": "Die Karte ist abgelaufen.",
    "authentication_required": "Die Bank möchte, dass Sie die Zahlung selbst bestätigen.",
    "declined": "Die Bank hat keinen Grund genannt; dort erfahren Sie mehr.",
    "unsubscribe": "Weniger solche Nachrichten",
    "sent_by": "Sie erhalten diese Nachricht als Kundin oder Kunde von {seller}.",
    "unsubscribed": "Sie erhalten keine solchen Nachrichten mehr. Rechnungen und Zahlungen betrifft das nicht.",
    "unsubscribe_ask": "Möchten Sie keine Nachrichten wie Dank, Quittungen, Hinweise auf Guthaben und Karten mehr?",
    "unsubscribe_button": "Keine solchen mehr",
    "link_over": "Dieser Link gilt nicht (mehr). Bitte antworten Sie stattdessen auf die Nachricht.",
}
