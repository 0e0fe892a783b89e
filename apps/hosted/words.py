"""The words of customers' pages: English, German, French; any other language reads English. Pure."""

from collections.abc import Mapping

LANGUAGES = ("en", "de", "fr")

_WORDS: Mapping[str, tuple[str, str, str]] = {
    "invoice": ("Invoice {number}", "Rechnung {number}", "Facture {number}"),
    "skip": ("Skip to the content", "Zum Inhalt springen", "Aller au contenu"),
    "due": ("{open} is due by {due}.", "{open} sind bis {due} zu zahlen.", "{open} à payer avant le {due}."),
    "no_method": (
        "{open} is due by {due}. We have no payment method of yours yet.",
        "{open} sind bis {due} zu zahlen. Wir haben noch kein Zahlungsmittel von Ihnen.",
        "{open} à payer avant le {due}. Nous n\u2019avons pas encore de moyen de paiement de votre part.",
    ),
    "carried": (
        "{open} is too little to collect: it comes with your next invoice. There is nothing you need to do.",
        "{open} sind zu wenig für einen Einzug: Sie kommen zu Ihrer nächsten Rechnung dazu. Sie müssen nichts tun.",
        "{open}, c\u2019est trop peu pour un encaissement : ce sera avec votre prochaine facture. Rien à faire.",
    ),
    "confirm": (
        "Your bank wants you to confirm the payment of {open}.",
        "Ihre Bank möchte, dass Sie die Zahlung von {open} bestätigen.",
        "Votre banque souhaite que vous confirmiez le paiement de {open}.",
    ),
    "under_way": (
        "Your payment of {open} is under way. There is nothing you need to do.",
        "Ihre Zahlung von {open} ist unterwegs. Sie müssen nichts tun.",
        "Votre paiement de {open} est en cours. Vous n\u2019avez rien à faire.",
    ),
    "paid": (
        "This invoice is settled. Thank you!",
        "Diese Rechnung ist beglichen. Vielen Dank!",
        "Cette facture est réglée. Merci !",
    ),
    "void": (
        "This invoice was cancelled. Please do not pay it.",
        "Diese Rechnung wurde storniert. Bitte bezahlen Sie sie nicht.",
        "Cette facture a été annulée. Merci de ne pas la payer.",
    ),
    "replaced": (
        "Invoice {number} takes its place.",
        "An ihre Stelle tritt die Rechnung {number}.",
        "La facture {number} la remplace.",
    ),
    "replaced_button": ("See invoice {number}", "Rechnung {number} ansehen", "Voir la facture {number}"),
    "pay_button": ("Pay {open} now", "Jetzt {open} zahlen", "Payer {open} maintenant"),
    "pay_with": ("We charge {method}.", "Wir belasten {method}.", "Nous débitons {method}."),
    "confirm_button": ("Confirm at your bank", "Bei Ihrer Bank bestätigen", "Confirmer auprès de votre banque"),
    "again_button": ("See how it went", "Nachsehen, wie es ausging", "Voir où cela en est"),
    "add_button": ("Add a payment method", "Zahlungsmittel hinterlegen", "Ajouter un moyen de paiement"),
    "change_button": ("Use another payment method", "Anderes Zahlungsmittel verwenden", "Changer de moyen de paiement"),
    "change_note": (
        "It becomes your usual one, and what is open is collected with it.",
        "Es wird Ihr übliches, und was offen ist, wird damit eingezogen.",
        "Il deviendra votre moyen habituel, et ce qui est dû sera encaissé avec lui.",
    ),
    "download": ("Download as PDF", "Als PDF herunterladen", "Télécharger en PDF"),
    "card": ("{brand} ending in {last4}", "{brand} mit den Endziffern {last4}", "{brand} se terminant par {last4}"),
    "expires": (", valid to {month}/{year}", ", gültig bis {month}/{year}", ", valable jusqu\u2019à {month}/{year}"),
    "your_method": ("Your payment method", "Ihr Zahlungsmittel", "Votre moyen de paiement"),
    "none_yet": (
        "We have no payment method of yours yet.",
        "Wir haben noch kein Zahlungsmittel von Ihnen.",
        "Nous n\u2019avons pas encore de moyen de paiement de votre part.",
    ),
    "last_try": (
        "The last try did not go through. {reason}",
        "Der letzte Versuch hat nicht geklappt. {reason}",
        "Le dernier essai n\u2019a pas abouti. {reason}",
    ),
    "details": ("What you pay for", "Wofür Sie zahlen", "Ce que vous payez"),
    "questions": ("Questions? Write to", "Fragen? Schreiben Sie an", "Des questions ? Écrivez à"),
    "form_title": ("New payment method", "Neues Zahlungsmittel", "Nouveau moyen de paiement"),
    "form_note": (
        "What you enter goes to our payment provider Stripe and never to us.",
        "Was Sie eingeben, geht an unseren Zahlungsdienst Stripe und nie an uns.",
        "Ce que vous saisissez va à notre prestataire Stripe, jamais à nous.",
    ),
    "form_button": ("Save", "Speichern", "Enregistrer"),
    "form_script": (
        "This form needs JavaScript. Without it, please pay by bank transfer or reply to our message.",
        "Dieses Formular braucht JavaScript. Ohne können Sie überweisen oder auf unsere Nachricht antworten.",
        "Ce formulaire nécessite JavaScript. Sinon, payez par virement ou répondez à notre message.",
    ),
    "form_back": ("Back", "Zurück", "Retour"),
    "saved": (
        "Thank you, your new payment method is saved.",
        "Danke, Ihr neues Zahlungsmittel ist gespeichert.",
        "Merci, votre nouveau moyen de paiement est enregistré.",
    ),
    "refused": (
        "This payment method was not accepted. Please try another one.",
        "Dieses Zahlungsmittel wurde nicht angenommen. Bitte versuchen Sie ein anderes.",
        "Ce moyen de paiement n\u2019a pas été accepté. Essayez-en un autre.",
    ),
    "away": (
        "Our payment provider does not answer right now. Please try again in a few minutes; nothing was charged.",
        "Unser Zahlungsdienst antwortet gerade nicht. Bitte versuchen Sie es gleich noch einmal; es wurde nichts "
        "abgebucht.",
        "Notre prestataire ne répond pas pour le moment. Réessayez dans quelques minutes ; rien n\u2019a été débité.",
    ),
    "not_here": (
        "A payment method cannot be changed on this page yet. Please reply to our message.",
        "Auf dieser Seite lässt sich noch kein Zahlungsmittel ändern. Bitte antworten Sie auf unsere Nachricht.",
        "Il n\u2019est pas encore possible de changer de moyen de paiement ici. Répondez à notre message.",
    ),
    "over_title": ("This link has run out", "Dieser Link ist abgelaufen", "Ce lien a expiré"),
    "over": (
        "Links to invoices work for some time only, so that nobody else can use an old one.",
        "Links zu Rechnungen gelten nur eine Zeit lang, damit niemand anders einen alten benutzen kann.",
        "Les liens vers les factures ne durent qu\u2019un temps, pour que personne d\u2019autre ne s\u2019en serve.",
    ),
    "over_ask": (
        "We can send a new one to the e-mail address that we have of you.",
        "Wir können einen neuen an die E-Mail-Adresse schicken, die wir von Ihnen haben.",
        "Nous pouvons en envoyer un nouveau à l\u2019adresse e-mail que nous avons de vous.",
    ),
    "over_reply": (
        "Please reply to our message, and we will send you a new one.",
        "Bitte antworten Sie auf unsere Nachricht, und wir schicken Ihnen einen neuen.",
        "Répondez à notre message, et nous vous en enverrons un nouveau.",
    ),
    "over_button": ("Send me a new link", "Neuen Link schicken", "Envoyez-moi un nouveau lien"),
    "sent": (
        "It is on its way. Please look into your e-mail in a few minutes.",
        "Er ist unterwegs. Bitte sehen Sie in ein paar Minuten in Ihre E-Mails.",
        "Il est en route. Regardez vos e-mails dans quelques minutes.",
    ),
    "gone_title": ("This link is not valid", "Dieser Link ist nicht gültig", "Ce lien n\u2019est pas valable"),
    "gone": (
        "Perhaps a part of it got lost. Please open it from our message again, or reply to it.",
        "Vielleicht fehlt ein Teil. Bitte öffnen Sie ihn noch einmal aus unserer Nachricht, oder antworten Sie darauf.",
        "Une partie s\u2019est peut-être perdue. Rouvrez-le depuis notre message, ou répondez-y.",
    ),
    "many_title": ("One moment, please", "Einen Moment, bitte", "Un instant, s\u2019il vous plaît"),
    "many": (
        "This page was asked for very often. Please try again in some minutes.",
        "Diese Seite wurde sehr oft aufgerufen. Bitte versuchen Sie es in einigen Minuten noch einmal.",
        "Cette page a été demandée très souvent. Réessayez dans quelques minutes.",
    ),
}


def spoken(language: str) -> str:
    """The language that a page is in."""
    return language if language in LANGUAGES else "en"


def word(name: str, language: str, **facts: object) -> str:
    """A sentence with its facts."""
    return _WORDS[name][LANGUAGES.index(spoken(language))].format(**facts)
