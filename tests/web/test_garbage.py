"""A request leaves nothing behind that only the garbage collector would find."""

import gc
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

from billing_project.wsgi import Handler
from tests.accounts.calls import Api
from tests.factories.invoices import invoice

pytestmark = pytest.mark.django_db

REQUESTS = 20


def left_by(handler: WSGIHandler, environ: dict[str, Any]) -> float:
    """Objects that each request leaves in cycles."""

    def ask() -> None:
        response: Any = handler.get_response(WSGIRequest({**environ, "wsgi.input": BytesIO()}))
        assert response.status_code == 200, response.content

    for _ in range(3):
        ask()
    gc.collect()
    gc.disable()
    try:
        for _ in range(REQUESTS):
            ask()
        return gc.collect() / REQUESTS
    finally:
        gc.enable()


def test_what_was_read_for_a_request_is_freed_with_its_answer() -> None:
    for _ in range(20):
        invoice(4900)
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/v1/invoices", "QUERY_STRING": "limit=20", "SERVER_NAME": "testserver",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_AUTHORIZATION": Api().headers["Authorization"],
    }  # fmt: skip
    # Twenty invoices with lines and taxes are hundreds of objects; Django as it comes leaves them all.
    assert left_by(Handler(), environ) < 15
    assert left_by(WSGIHandler(), environ) > 20
