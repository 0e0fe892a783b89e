"""The sandbox as the gateway, and databases in which commits are real."""

from tests.payments.conftest import books, process, sandbox  # noqa: F401 - fixtures
