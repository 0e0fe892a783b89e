"""Nothing that was answered is lost by kill -9, and a retried key finds what it made."""

import resource
import signal
import threading
from collections.abc import Callable

import pytest
import stripe

from billing_project.stripe_sandbox.journal import FILE_NAME, Journal, JournalError
from tests.stripe_sandbox.conftest import Sandbox


def test_kill_in_the_middle_of_many_creates_loses_no_answered_effect(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox()
    setup = sandbox.client()
    customer = setup.v1.customers.create({"email": "a@example.com"})
    card = setup.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    answered: dict[str, str] = {}
    started: list[str] = []
    enough = threading.Event()

    def charge(client: stripe.StripeClient, key: str) -> stripe.PaymentIntent:
        params = {
            "amount": 500,
            "currency": "usd",
            "customer": customer.id,
            "payment_method": card.id,
            "confirm": True,
            "off_session": True,
            "metadata": {"key": key},
        }
        return client.v1.payment_intents.create(params, {"idempotency_key": key})

    def worker(number: int) -> None:
        client = sandbox.client()
        for turn in range(1000):
            key = f"w{number}-{turn}"
            started.append(key)
            try:
                answered[key] = charge(client, key).id
            except stripe.APIConnectionError:
                return
            if len(answered) >= 60:
                enough.set()

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    assert enough.wait(20)
    sandbox.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    with (sandbox.data / FILE_NAME).open("ab") as file:
        file.write(b'{"put":[["charge","ch_torn"')

    sandbox.start()
    client = sandbox.client()
    retried = {key: charge(client, key).id for key in started}
    assert {key: retried[key] for key in answered} == answered
    paid = [charge["metadata"]["key"] for charge in sandbox.charges()]
    assert sorted(paid) == sorted(started)


def test_objects_lists_and_cursors_survive_a_clean_stop(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox()
    client = sandbox.client()
    made = [client.v1.customers.create({"name": f"c{number}"}).id for number in range(5)]
    client.v1.customers.delete(made[2])
    assert sandbox.stop() == 0
    sandbox.start()
    client = sandbox.client()
    listed = [customer.id for customer in client.v1.customers.list({"limit": 2}).auto_paging_iter()]
    assert listed == [made[4], made[3], made[1], made[0]]
    assert client.v1.customers.retrieve(made[2]).deleted is True


def test_a_folder_belongs_to_one_process(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox()
    with pytest.raises(JournalError, match="in use by another sandbox"):
        Journal(sandbox.data)


def test_damage_in_the_middle_is_said_and_not_skipped(tmp_path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'{"put":[]}\n{"put":\n{"put":[]}\n')
    journal = Journal(tmp_path)
    with pytest.raises(JournalError, match="line 2 is damaged"):
        list(journal.read())
    journal.close()


def test_a_full_disk_refuses_the_change_and_harms_no_other(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox()
    client = sandbox.client()
    kept = client.v1.customers.create({"name": "kept"}).id
    assert sandbox.process is not None
    size = (sandbox.data / FILE_NAME).stat().st_size
    _, hard = resource.prlimit(sandbox.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(sandbox.process.pid, resource.RLIMIT_FSIZE, (size + 100, hard))
    with pytest.raises(stripe.APIError) as caught:
        client.v1.customers.create({"name": "lost"}, {"idempotency_key": "full"})
    assert caught.value.http_status == 500
    assert (sandbox.data / FILE_NAME).stat().st_size == size
    resource.prlimit(sandbox.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    after = client.v1.customers.create({"name": "lost"}, {"idempotency_key": "full"}).id
    sandbox.stop(signal.SIGKILL)
    sandbox.start()
    assert [customer.id for customer in sandbox.client().v1.customers.list()] == [after, kept]
