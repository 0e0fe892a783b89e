"""English: what each message says, and the sentences that depend on the case."""

from collections.abc import Mapping

MESSAGES: Mapping[str, tuple[str, str]] = {
    "invoice_created": (
        "Invoice {number} from {seller}",
        """Hello {customer},

your invoice {number} over {total} is attached. {how_to_pay}

[See the invoice](document)

Thank you!""",
    ),
    "invoice_copy": (
        "Invoice {number} from {seller}",
        """Hello {customer},

your invoice {number} over {total} is attached once more, as you wished. {how_to_pay}

[See the invoice](document)

Thank you!""",
    ),
    "receipt": (
        "Thank you for your payment of {amount}",
        """Hello {customer},

we have received {amount} for invoice {number}. {still_open}

[See the invoice](document)

Thank you for being with us!""",
    ),
    "payment_failed": (
        "Your payment of {amount} did not go through",
        """Hello {customer},

we tried to collect {amount} for invoice {number}, and it did not work. {reason}

{next_try}

[Update your payment method](method)

If something is unclear, just reply: we are glad to help.""",
    ),
    "payment_confirmation": (
        "Please confirm your payment of {amount}",
        """Hello {customer},

your bank wants you to confirm the payment of {amount} for invoice {number} yourself. It takes a minute, and there is
time until {until}.

[Confirm the payment](pay)

If you have confirmed it in the meantime, please ignore this, and thank you.""",
    ),
    "payment_method_needed": (
        "Please add a payment method for invoice {number}",
        """Hello {customer},

your invoice {number} over {open} is due on {due}, and we have no payment method on file for you. Could you add
one, or pay by bank transfer? Nothing changes for you in the next days.

[Add a payment method](method)

If something is unclear, just reply: we are glad to help.""",
    ),
    "payment_reminder": (
        "A friendly reminder: invoice {number}",
        """Hello {customer},

perhaps it has slipped through: invoice {number} was due on {due}, and {open} is still open.

[Pay now](pay)

If you have paid in the meantime, please ignore this, and thank you. If something is unclear, just reply.""",
    ),
    "payment_warning": (
        "Invoice {number} is still open",
        """Hello {customer},

invoice {number} was due on {due}, and {open} is still open. Your account works as usual. So that it stays that way,
please pay in the next days, or talk to us: we will find a way.

[Pay now](pay)

If you have paid in the meantime, please ignore this, and thank you.""",
    ),
    "account_blocked": (
        "Your account is paused until invoice {number} is paid",
        """Hello {customer},

invoice {number} over {open} is still open, so access to your account is paused for now. Nothing is lost: as soon
as the payment arrives, everything works again at once.

[Pay now](pay)

If you cannot pay right now, or something is wrong with the invoice, please reply: we will find a way.""",
    ),
    "welcome_back": (
        "Welcome back!",
        """Hello {customer},

thank you, your payment has arrived, and your account works again. It is good to have you back.

Have a good day!""",
    ),
    "account_settled": (
        "Thank you, your account is up to date",
        """Hello {customer},

thank you, your payment has arrived. There is nothing more to do.

Have a good day!""",
    ),
    "trial_ending": (
        "Your trial of {plan} ends on {trial_end}",
        """Hello {customer},

your trial of {plan} ends on {trial_end}. {after_trial}

[See your payment method](method)

If you would rather not go on, you can cancel at any time before then. Questions? Just reply.""",
    ),
    "card_expiring": (
        "Your card {card} expires soon",
        """Hello {customer},

your card {card} expires at the end of {expires}. If you have a new one already, please add it, so that your next
payment goes through by itself.

[Add a new card](method)

Thank you!""",
    ),
    "credit_applied": (
        "A credit of {amount} was used for invoice {number}",
        """Hello {customer},

we have used your credit: {amount} came off invoice {number}. {still_open}

[See the invoice](document)

Thank you!""",
    ),
    "invoice_corrected": (
        "Corrected invoice {number} from {seller}",
        """Hello {customer},

we have corrected your invoice {replaced}. The new one, {number} over {total}, is attached and takes its place.
{how_to_pay}

[See the invoice](document)

We are sorry for the trouble. If something is unclear, just reply.""",
    ),
    "credit_note": (
        "Credit note {number} from {seller}",
        """Hello {customer},

we have credited {amount} of your invoice {invoice}. The credit note {number} is attached. There is nothing you
need to do.

If something is unclear, just reply.""",
    ),
}

SENTENCES: Mapping[str, str] = {
    "settled": "There is nothing to pay.",
    "by_card": "We collect {open} with the payment method you gave us; there is nothing you need to do.",
    "too_small": "{open} is too little to collect: we collect it with your next invoice. There is nothing to do.",
    "with_earlier": "With it came {carried} for earlier invoices that were too small to collect.",
    "to_pay": "Please pay {open} by {due}. How to pay is on the invoice.",
    "nothing_open": "The invoice is settled.",
    "some_open": "{open} is still open.",
    "next_try": "We will try again on {next_day}, so there is nothing you need to do if this solves itself by then.",
    "no_next_try": "We will not try again by ourselves: please choose another way to pay.",
    "after_trial_card": "After that it goes on by itself with the payment method you gave us.",
    "after_trial_none": "So that it goes on after that, please add a payment method.",
    "insufficient_funds": "The bank says that there was not enough money on the account.",
    "expired_card": "The card has expired.",
    "authentication_required": "The bank wants you to confirm the payment yourself.",
    "declined": "The bank did not say why; it can tell you more.",
    "unsubscribe": "Fewer messages like this one",
    "sent_by": "You get this message because you are a customer of {seller}.",
    "unsubscribed": "You get no more messages of this kind. Invoices and what concerns your payments still come.",
    "unsubscribe_ask": "Do you want no more messages like thanks, receipts and notices of credits and cards?",
    "unsubscribe_button": "No more of these",
    "link_over": "This link is not valid (any more). Please reply to the message instead.",
}
