"""Every table of ours is logged or append only, in the real database; what is neither is named here with its reason."""

import pytest
from django.apps import apps
from django.db import connection

EXCEPTIONS = {
    "access_refreshtoken": "tokens that follow one another in a sign-in, which is logged, as is its end; they expire",
    "access_signinattempts": "failed tries under names that need not be anybody's; forgotten in a quarter of an hour",
    "access_keyuse": "when a key was last used: a figure of operation, written by nearly every request",
    "access_idempotentrequest": "stored answers of requests whose effects are logged themselves; they expire",
    "subscriptions_usagesweep": "how far late usage has been looked for; what was found is logged as a recount",
    "subscriptions_thresholdcheck": "where usage has come; what it has reached is append only",
    "dunning_entitlement": "what subscriptions grant, kept until one changes: follows from them; an invariant compares",
    "dunning_watch": "when an account is looked at next: follows from its invoices; what comes of it is in the history",
    "events_delivery": "how far the delivery of an append-only event has come",
    "payments_gatewaynotice": "how far a notice of the gateway is worked off; what it changes is logged there",
    "payments_reconciliation": "how far a look at the gateway has come; what it finds is a difference, which is logged",
    "webhooks_delivery": "how far the telling of an event to an endpoint has come; each attempt is append only",
    "webhooks_endpointstate": "how it goes with an endpoint, a figure of operation; that it is disabled is logged",
    "webhooks_fanout": "how far events have been looked at; what was made of them is a delivery",
    "webhooks_resend": "how far a wish has come; who wished it stands on it, what was sent is an attempt",
    "monitoring_levelcount": "figures of operation: of five minutes, how many requests were good; web adds to them",
    "usage_meterwindow": "follows from subscriptions and their periods, which are logged; written by each renewal",
    "invoices_numberseries": "the last number given out: each number stays on its append-only invoice",
}


def tables() -> set[str]:
    """Concrete tables of apps.*, many-to-many ones included."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]
    models = [model for config in ours for model in config.get_models(include_auto_created=True)]
    return {model._meta.db_table for model in models if model._meta.managed and not model._meta.proxy}


def triggered(function: str) -> dict[str, set[str]]:
    """Table -> verbs on which an enabled trigger of it calls `function`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, verb FROM pg_trigger,"
            " (VALUES ('INSERT', 4), ('DELETE', 8), ('UPDATE', 16), ('TRUNCATE', 32)) AS verbs (verb, bit)"
            " WHERE tgfoid = %s::regproc AND tgenabled = 'O' AND tgtype::int & bit <> 0",
            [function],
        )
        verbs: dict[str, set[str]] = {}
        for table, verb in cursor.fetchall():
            verbs.setdefault(table, set()).add(verb)
    return verbs


@pytest.mark.django_db
def test_every_table_is_logged_or_append_only_or_excused() -> None:
    logged = {table for table, verbs in triggered("audit_record").items() if len(verbs) == 4}
    refused = {"UPDATE", "DELETE", "TRUNCATE"}
    final = {table for table, verbs in triggered("kernel_refuse_change").items() if verbs >= refused}
    assert tables() - logged - final - set(EXCEPTIONS) == set()
    assert set(EXCEPTIONS) <= tables(), "an exception for a table that is not there"
    assert set(EXCEPTIONS) & logged == set(), "an exception for a table that is logged"


@pytest.mark.django_db
def test_an_audited_table_names_its_primary_key() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text, split_part(encode(tgargs, 'escape'), '\\000', 1) FROM pg_trigger"
            " WHERE tgfoid = 'audit_record'::regproc"
        )
        keys = dict(cursor.fetchall())
        cursor.execute(
            "SELECT indrelid::regclass::text, attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid"
            " AND attnum = indkey[0] WHERE indisprimary AND indnatts = 1"
        )
        primary = dict(cursor.fetchall())
    assert keys == {table: primary.get(table) for table in keys}
