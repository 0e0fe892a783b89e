"""What the memory holds after a restart: idempotency keys for a day, indexes that follow a changed object."""

from pathlib import Path

from billing_project.stripe_sandbox.journal import Journal
from billing_project.stripe_sandbox.store import KEY_LIFETIME, Store, row_data

NOW = 1_800_000_000


def test_keys_are_forgotten_after_a_day(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    store = Store(journal, NOW)
    for scope, age in (("old", KEY_LIFETIME), ("fresh", KEY_LIFETIME - 1)):
        store.commit({"idem": [scope, NOW - age, "digest", "/v1/customers", 200, "{}", "req_1"]})
    journal.close()
    journal = Journal(tmp_path)
    assert list(Store(journal, NOW).answers) == ["fresh"]
    journal.close()


def test_an_index_follows_its_object(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    store = Store(journal, NOW)
    objects = [{"id": f"pm_{number}", "object": "payment_method", "customer": "cus_a"} for number in range(3)]
    store.commit({"put": [row_data(obj) for obj in objects]})
    store.commit({"put": [row_data({**objects[1], "customer": "cus_b"})], "del": ["pm_0"]})
    for held in (store, None):
        if held is None:
            journal.close()
            journal = Journal(tmp_path)
            held = Store(journal, NOW)
        assert [row.id for row in held.page("payment_method", {"customer": "cus_a"})] == ["pm_2"]
        assert [row.id for row in held.page("payment_method", {"customer": "cus_b"})] == ["pm_1"]
        assert [row.id for row in held.page("payment_method", {})] == ["pm_2", "pm_1"]
        assert held.count("payment_method") == 2
    journal.close()
