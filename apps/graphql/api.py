"""/graphql: operations by POST, and a page to write them on by GET."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request
from rest_framework.response import Response

from apps.graphql.asking import Asker
from apps.graphql.execution import Answer, Asked, answer
from apps.graphql.limits import MAX_BATCH
from apps.kernel.errors import Invalid, Problem
from apps.rest.errors import request_id
from apps.rest.permissions import Known
from apps.rest.viewsets import ResourceViewSet

MAX_BYTES = 256 * 1024
MEMBERS = {"query": str, "variables": dict, "operationName": str, "extensions": dict}
EXAMPLE = """{
  accounts(first: 5) {
    edges {
      node {
        name
        subscriptions(first: 3) { edges { node { status plan { name } } } }
        invoices(first: 3, status: [OPEN]) { edges { node { number balance currency } } }
      }
    }
  }
}
"""


class GraphqlViewSet(ResourceViewSet):
    """Nested reads, by the keys, tokens and limits of REST; the role table is asked field by field."""

    resource = "graphql"
    permission_classes = [Known]
    max_body_bytes = MAX_BYTES

    def execute(self, request: Request, **kwargs: Any) -> Response:
        """Answer one operation, or an array of some."""
        if not isinstance(request.data, list):
            found = self._answer(_asked(request.data))
            return Response(found.body, status=found.status)
        if not 0 < len(request.data) <= MAX_BATCH:
            raise Invalid(
                "graphql_batch_size",
                f"A batch holds 1 to {MAX_BATCH} operations.",
                hint="Send the others in requests of their own, or ask for all in one operation.",
            )
        found_all: list[Answer] = []
        for each in [_asked(part) for part in request.data]:
            found_all.append(self._answer(each, already=sum(before.cost for before in found_all)))
        return Response([each.body for each in found_all])

    def _answer(self, asked: Asked, *, already: int = 0) -> Answer:
        return answer(Asker(self.request.user), asked, request_id=request_id(self.request._request), already=already)


_operations = GraphqlViewSet.as_view({"post": "execute"})


@csrf_exempt
def graphql(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
    """The page for who comes by a browser; else an operation. No cookie means anything here."""
    if request.method in ("GET", "HEAD"):
        return explorer(request)
    return _operations(request, **kwargs)


def explorer(request: HttpRequest) -> HttpResponse:
    """GraphiQL, all of it from this server. Whoever opens it sends a key of theirs."""
    response = render(request, "graphql/explorer.html", {"query": EXAMPLE})
    response._csp_update = {"font-src": ["'self'", "data:"]}  # type: ignore[attr-defined]  # its fonts are in its styles
    return response


def _asked(body: Any) -> Asked:
    """The operation that a body holds, or a refusal that points at every fault."""
    if not isinstance(body, dict):
        raise _wrong([Problem("", "wrong_type", "Expected an object, or an array of objects.")])
    faults = [
        Problem(f"/{name[:100]}", "unknown_field", "There is no such field.") for name in body if name not in MEMBERS
    ]
    for name, kind in MEMBERS.items():
        value = body.get(name)
        if (value is not None and not isinstance(value, kind)) or (name == "query" and value is None):
            faults.append(Problem(f"/{name}", "wrong_type", f"Expected {'an object' if kind is dict else 'a string'}."))
    if faults:
        raise _wrong(faults)
    return Asked(body["query"], body.get("variables") or {}, body.get("operationName") or None)


def _wrong(faults: list[Problem]) -> Invalid:
    return Invalid(
        "validation_failed",
        "The body is no GraphQL request.",
        hint='Send {"query": "...", "variables": {...}, "operationName": "..."}, of which query alone is needed.',
        errors=faults,
    )
