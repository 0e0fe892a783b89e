"""French: what each message says, and the sentences that depend on the case."""

from collections.abc import Mapping

MESSAGES: Mapping[str, tuple[str, str]] = {
    "invoice_created": (
        "Facture {number} de {seller}",
        """Bonjour {customer},

votre facture {number} de {total} est jointe. {how_to_pay}

[Voir la facture](document)

Merci !""",
    ),
    "invoice_copy": (
        "Facture {number} de {seller}",
        """Bonjour {customer},

comme vous le souhaitiez, votre facture {number} de {total} est jointe une nouvelle fois. {how_to_pay}

[Voir la facture](document)

Merci !""",
    ),
    "receipt": (
        "Merci pour votre paiement de {amount}",
        """Bonjour {customer},

nous avons reçu {amount} pour la facture {number}. {still_open}

[Voir la facture](document)

Merci de votre confiance !""",
    ),
    "payment_failed": (
        "Votre paiement de {amount} n\u2019a pas abouti",
        """Bonjour {customer},

nous avons voulu encaisser {amount} pour la facture {number}, et cela n\u2019a pas abouti. {reason}

{next_try}

[Mettre à jour le moyen de paiement](method)

Si quelque chose n\u2019est pas clair, répondez simplement : nous vous aidons volontiers.""",
    ),
    "payment_confirmation": (
        "Merci de confirmer votre paiement de {amount}",
        """Bonjour {customer},

votre banque souhaite que vous confirmiez vous-même le paiement de {amount} pour la facture {number}. Cela prend une
minute, et vous avez jusqu\u2019au {until}.

[Confirmer le paiement](pay)

Si vous l\u2019avez confirmé entre-temps, ne tenez pas compte de ce message. Merci !""",
    ),
    "payment_method_needed": (
        "Merci d\u2019ajouter un moyen de paiement pour la facture {number}",
        """Bonjour {customer},

votre facture {number} de {open} est à payer le {due}, et nous n\u2019avons aucun moyen de paiement pour vous.
Pourriez-vous en ajouter un, ou payer par virement ? Rien ne change pour vous dans les prochains jours.

[Ajouter un moyen de paiement](method)

Si quelque chose n\u2019est pas clair, répondez simplement : nous vous aidons volontiers.""",
    ),
    "payment_reminder": (
        "Un petit rappel : facture {number}",
        """Bonjour {customer},

cela vous a peut-être échappé : la facture {number} était à payer le {due}, et il reste {open} à régler.

[Payer maintenant](pay)

Si vous avez payé entre-temps, ne tenez pas compte de ce message, et merci. Si quelque chose n\u2019est pas clair,
répondez simplement.""",
    ),
    "payment_warning": (
        "La facture {number} reste à régler",
        """Bonjour {customer},

la facture {number} était à payer le {due}, et il reste {open} à régler. Votre compte fonctionne comme
d\u2019habitude. Pour que cela reste ainsi, merci de payer dans les prochains jours, ou parlez-nous : nous
trouverons une solution.

[Payer maintenant](pay)

Si vous avez payé entre-temps, ne tenez pas compte de ce message, et merci.""",
    ),
    "account_blocked": (
        "Votre compte est en pause jusqu\u2019au paiement de la facture {number}",
        """Bonjour {customer},

la facture {number} de {open} reste à régler, l\u2019accès à votre compte est donc en pause pour le moment. Rien
n\u2019est perdu : dès que le paiement arrive, tout fonctionne à nouveau.

[Payer maintenant](pay)

Si vous ne pouvez pas payer en ce moment, ou si la facture vous semble fausse, répondez-nous : nous trouverons une
solution.""",
    ),
    "welcome_back": (
        "Heureux de vous revoir !",
        """Bonjour {customer},

merci, votre paiement est arrivé et votre compte fonctionne à nouveau. Nous sommes heureux de vous revoir.

Bonne journée !""",
    ),
    "account_settled": (
        "Merci, votre compte est à jour",
        """Bonjour {customer},

merci, votre paiement est arrivé. Vous n\u2019avez rien d\u2019autre à faire.

Bonne journée !""",
    ),
    "trial_ending": (
        "Votre essai de {plan} se termine le {trial_end}",
        """Bonjour {customer},

votre essai de {plan} se termine le {trial_end}. {after_trial}

[Voir le moyen de paiement](method)

Si vous préférez ne pas continuer, vous pouvez résilier à tout moment d\u2019ici là. Des questions ? Répondez
simplement.""",
    ),
    "card_expiring": (
        "Votre carte {card} expire bientôt",
        """Bonjour {customer},

votre carte {card} expire à la fin de {expires}. Si vous en avez déjà une nouvelle, merci de l\u2019ajouter, pour
que le prochain paiement se fasse tout seul.

[Ajouter une nouvelle carte](method)

Merci !""",
    ),
    "credit_applied": (
        "Un avoir de {amount} a été utilisé pour la facture {number}",
        """Bonjour {customer},

nous avons utilisé votre avoir : {amount} ont été déduits de la facture {number}. {still_open}

[Voir la facture](document)

Merci !""",
    ),
    "invoice_corrected": (
        "Facture corrigée {number} de {seller}",
        """Bonjour {customer},

nous avons corrigé votre facture {replaced}. La nouvelle, {number} de {total}, est jointe et la remplace. {how_to_pay}

[Voir la facture](document)

Veuillez nous excuser pour ce désagrément. Si quelque chose n\u2019est pas clair, répondez simplement.""",
    ),
    "credit_note": (
        "Avoir {number} de {seller}",
        """Bonjour {customer},

nous vous avons crédité {amount} de la facture {invoice}. L\u2019avoir {number} est joint. Vous n\u2019avez rien à
faire.

Si quelque chose n\u2019est pas clair, répondez simplement.""",
    ),
}

SENTENCES: Mapping[str, str] = {
    "settled": "Il n\u2019y a rien à payer.",
    "by_card": "Nous encaissons {open} avec le moyen de paiement enregistré ; vous n\u2019avez rien à faire.",
    "too_small": "{open}, c\u2019est trop peu pour un encaissement : ce sera avec la prochaine facture. Rien à faire.",
    "with_earlier": "Ce paiement comprend {carried} de factures antérieures, trop petites pour être encaissées.",
    "to_pay": "Merci de payer {open} avant le {due}. La facture dit comment.",
    "nothing_open": "La facture est réglée.",
    "some_open": "Il reste {open} à régler.",
    "next_try": "Nous réessaierons le {next_day} ; si cela aboutit alors, vous n\u2019avez rien à faire.",
    "no_next_try": "Nous ne réessaierons pas de nous-mêmes : merci de choisir un autre moyen de payer.",
    "after_trial_card": "Ensuite, cela continue tout seul avec le moyen de paiement enregistré.",
    "after_trial_none": "Pour que cela continue ensuite, merci d\u2019ajouter un moyen de paiement.",
    "insufficient_funds": "La banque dit que la provision du compte ne suffisait pas.",
    "expired_card": "La carte a expiré.",
    "authentication_required": "La banque souhaite que vous confirmiez vous-même le paiement.",
    "declined": "La banque n\u2019a pas dit pourquoi ; elle peut vous renseigner.",
    "unsubscribe": "Moins de messages comme celui-ci",
    "sent_by": "Vous recevez ce message en tant que client de {seller}.",
    "unsubscribed": "Vous ne recevrez plus de tels messages, sauf les factures et ce qui concerne vos paiements.",
    "unsubscribe_ask": "Ne plus recevoir de messages comme remerciements, reçus, avis d\u2019avoirs et de cartes ?",
    "unsubscribe_button": "Ne plus en recevoir",
    "link_over": "Ce lien n\u2019est pas (ou plus) valable. Merci de répondre plutôt au message.",
}
