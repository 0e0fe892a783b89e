"""Whatever a worker takes under a lease, or tries again later, is offered as pending work: none is forgotten."""

import pytest
from django.apps import apps

from apps.kernel.backlog import registered

MARKS = {"lease_token", "lease_until", "leased_until", "next_call_at", "next_attempt_at", "next_retry_at"}
"""Columns by which a row is work."""

EXCEPTIONS = {
    "access.IdempotentRequest": "its caller waits for it and sends it again; no work of ours comes of it",
}


def offered() -> set[str]:
    return {kind.rows().model._meta.label for kind in registered().values()}


def working() -> set[str]:
    """Our models with one of these columns."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]
    models = [model for config in ours for model in config.get_models()]
    return {model._meta.label for model in models if MARKS & {field.name for field in model._meta.fields}}


@pytest.mark.fr("B-14")
def test_every_model_with_a_lease_or_a_next_try_is_offered() -> None:
    assert working() - offered() - set(EXCEPTIONS) == set()
    assert set(EXCEPTIONS) <= working(), "an exception for a model that has no such column"
    assert set(EXCEPTIONS) & offered() == set(), "an exception for what is offered"
    assert len(working()) > 6


@pytest.mark.fr("B-14")
def test_a_kind_names_its_lease_and_its_date() -> None:
    """Otherwise a worker that died, or a date that has passed, would not be seen."""
    for name, kind in registered().items():
        columns = {field.name for field in kind.rows().model._meta.fields}
        # A retry is of a payment that has ended: nobody holds it.
        assert kind.leased is ("lease_until" in columns and name != "payments.retries"), name
        assert kind.next_at or kind.moved or kind.stopped is not None, name
