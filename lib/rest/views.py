from typing import Any

from django.db.models import QuerySet
from django.utils.http import parse_etags
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from lib.rest.operations import Operation
from lib.rest.paging import Narrow, Page, page_of
from lib.rest.problems import Problem
from lib.rest.query import Query
from lib.rest.schema import OperationSchema


class ApiView(APIView):
    """A path of the API; `operations` says per method what it does, and who may."""

    operations: dict[str, Operation] = {}
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    schema = OperationSchema()

    def operation(self, method: str | None) -> Operation | None:
        return self.operations.get("GET" if method == "HEAD" else method or "")

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        operation = self.operation(request.method)
        # Django reads a body by its announced length only; without one it would seem empty.
        if (
            operation
            and operation.takes
            and "chunked" in request.headers.get("Transfer-Encoding", "").lower()
        ):
            raise Problem(411, "length_required", "Send the body with its Content-Length.")
        if operation and not operation.is_list:
            self.asked = Query(request.GET, operation.params).values()

    def page(self, rows: QuerySet[Any], narrow: Narrow) -> Page:
        return page_of(self.request, rows, params=self.operations["GET"].params, narrow=narrow)

    def one(self, row: dict[str, Any], **kwargs: Any) -> Response:
        """A single thing with its version as ETag; nothing if the caller has that one already."""
        tag = f'"{row["version"]}"'
        headers = {"ETag": tag, **kwargs.pop("headers", {})}
        seen = parse_etags(self.request.headers.get("If-None-Match", ""))
        # A proxy that compresses weakens the tag it passes on.
        if self.request.method in {"GET", "HEAD"} and {tag, f"W/{tag}"} & set(seen):
            return Response(status=304, headers=headers)
        return Response(row, headers=headers, **kwargs)


class AnyType(DefaultContentNegotiation):
    """For a file: whatever the caller accepts, problems are JSON."""

    def select_renderer(
        self, request: Any, renderers: list[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type
