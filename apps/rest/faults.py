"""How to mend each kind of fault inside a document: what a refusal hints at that only says that there are faults."""

from collections.abc import Mapping, Sequence

from apps.kernel.errors import Problem

CORRECT_IT = "Mend what `errors` points at and send the request again."
GENERIC = frozenset({"", CORRECT_IT, "Mend what `errors` points at."})
MOST = 3

HINTS: Mapping[str, str] = {
    "ambiguous": "Give one of the two forms that `errors` names, not both.",
    "api_version_unknown": "Send a version that `errors` names, or leave it out: the endpoint gets the newest.",
    "blank": "Send at least one character, or leave the member out where /docs does not require it.",
    "brace_alone": "Write names as {name}; /docs has no other use for a brace, so leave one that stands alone out.",
    "cidr_invalid": "Write networks as 203.0.113.0/24 or 2001:db8::/32, without bits behind the length.",
    "country_unknown": "Send the two letters of ISO 3166-1 in capitals: DE, JP, US.",
    "coupon_invalid": "A coupon takes percent_off, or amount_off with currency; duration_periods if it repeats.",
    "currency_differs": "Send the currency in which the account is billed: GET /v1/accounts/{id} shows it.",
    "currency_without_price": "Name currencies of the plan's prices alone, or add a price in this one.",
    "date": "Send a date alone, such as 2026-11-01.",
    "datetime": "Send a time with its offset, such as 2026-11-01T00:00:00Z, and not a date alone.",
    "days_order": "Put the steps in the order of their days, and give each a day of its own.",
    "days_range": "Count in whole days after the due date, within the range that `errors` says.",
    "duplicate": "Take one of the two out, or give it another key.",
    "event_type_unknown": "Take types from the section webhooks of /v1/openapi.json, or patterns such as invoice.*",
    "event_types_number": "Send fewer, and wider, patterns: invoice.* stands for all of invoices, * for everything.",
    "in_the_past": "Send a later time, or leave it out for one that does not end.",
    "invalid": "Send each value that `errors` points at as /docs shows it.",
    "invalid_characters": "Leave control characters and marks that turn the direction of text out.",
    "invalid_choice": "Send one of the values that /docs lists, in the same letters.",
    "last_tier_open": "Leave up_to out of the last tier, or send null: it goes on for ever.",
    "link_unknown": "Use one of the links that `errors` lists.",
    "locale_unknown": "Send a language, and a country if you like: de, en_US, pt-BR.",
    "make_aware": "Send a time with its offset, such as 2026-11-01T00:00:00Z.",
    "max_decimal_places": "Round to the digits after the point that `errors` allows.",
    "max_digits": "Send a number of fewer digits.",
    "max_string_length": "Send a number that is written with fewer characters.",
    "max_whole_digits": "Send a smaller number: it has too many digits before the point.",
    "metadata_not_object": 'Send an object such as {"tier": "gold"}.',
    "metadata_too_large": "Keep what is long with you, and its id in the metadata.",
    "metadata_too_many_keys": "Keep 50 keys at most; related ones may share an object.",
    "milder": "Let the steps grow harder from one to the next; reminders may stand anywhere.",
    "name_invalid": "Choose a name of the characters that `errors` allows, such as api_calls.",
    "name_length": "Send a name of 1 to 200 characters.",
    "name_unknown": "Use one of the names that `errors` lists, in braces.",
    "not_ascending": "Sort the tiers by up_to; each goes further than the one before.",
    "not_for_this_aggregation": "Leave the member out, or aggregate as `errors` says.",
    "not_for_this_model": "Leave the member out, or use a model that has it, as `errors` says.",
    "nothing_to_compare": "Give a cap, or a first tier that is free, for a percentage to be of; or give a quantity.",
    "null_characters_not_allowed": "Leave the NUL character out.",
    "null_not_allowed": "Send a value, or leave the member out; it cannot be null.",
    "out_of_range": "Send a value within the range that `errors` says.",
    "overflow": "Send a time that lies nearer to today.",
    "policy_invalid": "Give steps in the order of their days, none milder than the one before.",
    "received_in_future": "Send a time that has come for this account; a test clock has its own.",
    "repeated_parameter": "Send each query parameter once.",
    "required": "Send the member that is missing.",
    "reserved": "Choose another key: this one is the plan's own price.",
    "role_unknown": "Send one of the roles that /docs lists, such as finance_viewer.",
    "secret_not_taken": "Leave the secret out: the answer holds the one that we made, this once.",
    "secret_required": "Send the platform's write key as secret.",
    "shape": "Write it in the shape that `errors` shows.",
    "steps_count": "Give at least one step, and at most as many as `errors` says.",
    "surrogate_characters_not_allowed": "Send whole characters: half of a surrogate pair stands alone.",
    "test_clock_unknown": "Find it: GET /v1/test-clocks.",
    "too_large": "Send a smaller value; `errors` says the largest.",
    "too_long": "Shorten it to what `errors` says.",
    "too_many": "Send fewer; `errors` says how many are taken.",
    "too_many_tiers": "Give one tier, or use a graduated model or volume.",
    "too_precise": "Round to at most 12 digits after the point.",
    "too_short": "Send more; `errors` says how much is needed.",
    "too_small": "Send a larger value; `errors` says the smallest.",
    "unknown_field": "Leave the member out, or correct its name: /docs lists those that are taken.",
    "unknown_parameter": "Leave the parameter out, or correct its name: /docs lists those there are.",
    "url_refused": "Give a URL out in the world, or have its network allowed: WEBHOOK_ALLOWED_NETWORKS.",
    "validation_failed": "Mend each member that `errors` points at; its detail says what is taken there.",
    "wrong_type": 'Send the JSON type that `errors` expects: "3" is no number, and 1 no boolean.',
}
"""Code of a fault -> what to do about it."""


def hint_of(code: str) -> str:
    """How a fault of this code is mended."""
    return HINTS.get(code, CORRECT_IT)


def hint_for(code: str, hint: str, faults: Sequence[Problem]) -> str:
    """The hint of a refusal. In place of the generic one, what few kinds of faults need, or what its code does."""
    if hint not in GENERIC:
        return hint
    kinds = list(dict.fromkeys(fault.code for fault in faults))
    if 0 < len(kinds) <= MOST and all(each in HINTS for each in kinds):
        return " ".join(HINTS[each] for each in kinds)
    return HINTS.get(code, hint)
