"""Pages that stay put: newest first by (created_at, id), the position in a signed cursor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from rest_framework.response import Response

from lib.rest.operations import Param
from lib.rest.problems import Problem
from lib.rest.query import Query

SALT = "lib.rest.paging"

Narrow = Callable[[QuerySet[Any], dict[str, Any]], QuerySet[Any]]


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows and, if there are more, the cursor of the next.

    `asked` are the parameters of the list, from the request or from its cursor.
    """

    rows: list[Any]
    next_cursor: str | None
    page_size: int
    asked: dict[str, Any]

    def response(self, request: HttpRequest, data: list[dict[str, Any]]) -> Response:
        """The envelope, and the same cursor as a Link that carries all it needs."""
        headers = {}
        if self.next_cursor:
            query = QueryDict(mutable=True)
            query["cursor"] = self.next_cursor
            query["page_size"] = str(self.page_size)
            url = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
            headers["Link"] = f'<{url}>; rel="next"'
        body = {
            "data": data,
            "has_more": self.next_cursor is not None,
            "next_cursor": self.next_cursor,
            "sync_token": None,
            "as_of": timezone.now(),
        }
        return Response(body, headers=headers)


def page_of(
    request: HttpRequest, rows: QuerySet[Any], *, params: Mapping[str, Param], narrow: Narrow
) -> Page:
    """A page of `rows` (a queryset of dicts or of objects), narrowed by the parameters asked for.

    A cursor holds parameters, page size and position: whatever stands beside it is ignored, since
    generic connectors send their first parameters again with each cursor.
    """
    query, position = _asked(request, params)
    asked, size = query.values(), query.page_size()
    found = narrow(rows, asked).order_by("-created_at", "-id")
    if position:
        at, pk = position
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=pk))
    page = list(found[: size + 1])
    cursor = None
    if len(page) > size:
        page = page[:size]
        cursor = _seal(request.path, query, page[-1])
    return Page(rows=page, next_cursor=cursor, page_size=size, asked=asked)


def _asked(
    request: HttpRequest, params: Mapping[str, Param]
) -> tuple[Query, tuple[datetime, str] | None]:
    if "cursor" not in request.GET:
        return Query(request.GET, params, paged=True), None
    state = _open(request.GET["cursor"], request.path)
    position = (datetime.fromisoformat(state["at"]), state["id"])
    return Query(QueryDict(state["q"]), params, paged=True), position


def _seal(path: str, query: Query, last: Any) -> str:
    at, pk = (
        (last["created_at"], last["id"])
        if isinstance(last, dict)
        else (
            last.created_at,
            last.pk,
        )
    )
    state = {"v": 1, "p": path, "q": query.params.urlencode(), "at": at.isoformat(), "id": str(pk)}
    return signing.dumps(state, salt=SALT, compress=True)


def _open(cursor: str, path: str) -> dict[str, Any]:
    try:
        state = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise _invalid_cursor() from error
    if state["p"] != path:
        raise _invalid_cursor()
    return dict(state)


def _invalid_cursor() -> Problem:
    return Problem(400, "invalid_cursor", "This cursor is not ours. Start again without one.")
