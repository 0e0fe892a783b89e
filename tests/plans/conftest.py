"""Callers."""

from pathlib import Path
from typing import Any

import pytest

from tests.accounts.calls import Api


@pytest.fixture(autouse=True)
def _static_files(settings: Any, tmp_path: Path) -> None:
    """A folder that exists, also where nobody has collected static files."""
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def api(db: None) -> Api:
    """A Super Admin's key."""
    return Api()
