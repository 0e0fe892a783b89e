"""The environment, read once. Names and meanings: `.env.example`."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

DATA = Path(env.str("DATA", default=str(BASE_DIR / ".data"))).resolve()
BILLING_MODE = env.str("BILLING_MODE", default="test")
if BILLING_MODE not in ("test", "live"):
    raise ValueError(f"BILLING_MODE is {BILLING_MODE!r}: set it to test or live")
LIVE = BILLING_MODE == "live"
