"""Callers."""

import pytest
from tests.accounts.calls import Api


@pytest.fixture
def api(db: None) -> Api:
    """A Super Admin's key."""
    return Api()
