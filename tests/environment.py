"""Real services for all tests, started or attached to before Django reads its settings: `-p tests.environment`."""

import os
from pathlib import Path

from billing_project.services import ensure

ROOT = Path(__file__).resolve().parents[1]

os.environ.setdefault("DATA", str(ROOT / ".data" / "test"))
os.environ.update(ensure(Path(os.environ["DATA"]), durable=False))
os.environ.setdefault("BILLING_TEST_CLOCKS", "1")
# All tests come from one address; those of the limit itself set their own.
os.environ.setdefault("ANONYMOUS_RATE_LIMIT", "1000000")
