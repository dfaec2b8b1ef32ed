"""Pages that stay put: newest first by (created_at, id), the position in a signed cursor."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from rest_framework.response import Response

from lib.rest.json import moment
from lib.rest.problems import Problem
from lib.rest.query import Query

SALT = "lib.rest.paging"


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows and, if there are more, the cursor of the next."""

    rows: list[Any]
    next_cursor: str | None
    page_size: int

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
            "as_of": moment(timezone.now()),
        }
        return Response(body, headers=headers)


def page_of(
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    filters: dict[str, Callable[[str, str], Any]],
    narrow: Callable[[QuerySet[Any], dict[str, Any]], QuerySet[Any]],
) -> Page:
    """A page of `queryset`, narrowed by the filters of the request or of its cursor.

    A cursor holds filters, page size and position: whatever stands beside it is ignored, since
    generic connectors send their first parameters again with each cursor.
    """
    if "cursor" in request.GET:
        state = _open(request.GET["cursor"], request.path)
        query = Query(QueryDict(state["q"]), filters)
        position = (datetime.fromisoformat(state["at"]), state["id"])
    else:
        query = Query(request.GET, filters)
        position = None
    size = query.page_size()
    found = narrow(queryset, query.values()).order_by("-created_at", "-id")
    if position:
        at, pk = position
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=pk))
    rows = list(found[: size + 1])
    cursor = None
    if len(rows) > size:
        rows = rows[:size]
        cursor = signing.dumps(
            {
                "v": 1,
                "p": request.path,
                "q": query.params.urlencode(),
                "at": rows[-1].created_at.isoformat(),
                "id": str(rows[-1].pk),
            },
            salt=SALT,
            compress=True,
        )
    return Page(rows=rows, next_cursor=cursor, page_size=size)


def _open(cursor: str, path: str) -> dict[str, Any]:
    try:
        state = signing.loads(cursor, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise _invalid_cursor() from error
    if state["p"] != path:
        raise _invalid_cursor()
    return state


def _invalid_cursor() -> Problem:
    return Problem(400, "invalid_cursor", "This cursor is not ours. Start again without one.")
