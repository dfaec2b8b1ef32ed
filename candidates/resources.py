"""What the API's jobs, candidates and applications have in common: list, one, external id."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from candidates.actions import upsert
from candidates.queries import api as queries
from lib.rest import query as params
from lib.rest.fields import SOURCE
from lib.rest.operations import Operation, Param, Shape
from lib.rest.views import ApiView

Row = dict[str, Any]

SHARED = {
    "ids": params.IDS,
    "created_since": params.CREATED_SINCE,
    "external_source": params.text_param("With external_id: what this system calls it."),
    "external_id": params.text_param("With external_source: its id there."),
}
LOOKUPS = {
    "ids": "pk__in",
    "created_since": "created_at__gte",
    "status": "status",
    "job_id": "job",
    "candidate_id": "candidate",
}
ETAG = {"ETag": "The version, for If-None-Match."}
UPSERT_SAYS = (
    "Replaces the properties it names and leaves the others. Unknown properties are ignored. "
    "With `source_updated_at`, older news than what is stored is answered as `stale`."
)


class Resource(ApiView):
    """What the three kinds have in common."""

    kind = ""
    takes: Any
    put_row: Callable[..., upsert.Upsert]
    filters: dict[str, str] = LOOKUPS

    def visible(self) -> Any:
        raise NotImplementedError

    def values(self, rows: Any) -> Any:
        raise NotImplementedError

    def shown(self, rows: list[Row]) -> list[Row]:
        raise NotImplementedError

    def create(self, facts: Row) -> Any:
        raise NotImplementedError

    def read(self, pk: UUID | None) -> None:
        """A read of names is noted in the ledger."""

    def row(self, pk: UUID) -> Row:
        found = list(self.values(self.visible().filter(pk=pk)))
        if not found:
            raise Http404
        return self.shown(found)[0]

    def facts(self, *, known: bool = False, lenient: bool = False) -> Row:
        context = {"known": known, "lenient": lenient}
        given = self.takes(data=self.request.data, context=context)
        given.is_valid(raise_exception=True)
        return self.resolved(dict(given.validated_data))

    def resolved(self, facts: Row) -> Row:
        return facts

    def write(self, **what: Any) -> upsert.Upsert:
        return type(self).put_row(by=self.request.user, **what)

    def place(self, pk: UUID) -> str:
        return reverse(f"api:{self.kind}", args=[pk])


class List(Resource):
    def get(self, request: Request) -> Response:
        narrow = queries.narrow(self.filters, kind=self.kind, user=request.user)
        page = self.page(self.values(self.visible()), narrow)
        data = self.shown(page.rows)
        if data:
            self.read(None)
        return page.response(request, self.expanded(data, page.asked))

    def expanded(self, data: list[Row], asked: Row) -> list[Row]:
        return data

    def post(self, request: Request) -> Response:
        made = self.create(self.facts())
        headers = {"Location": self.place(made.pk)}
        return self.one(self.row(made.pk), status=201, headers=headers)


class Detail(Resource):
    def get(self, request: Request, pk: UUID) -> Response:
        row = self.row(pk)
        self.read(pk)
        return self.one(row)


class External(Resource):
    def known(self, source: str, value: str) -> Any | None:
        """What another system calls so; 404 where there is something this user may not see."""
        if not re.match(SOURCE, source):
            raise params.refuse("source", "invalid", "Give a name like greenhouse.")
        if "\0" in value or not 1 <= len(value) <= 191:
            raise params.refuse("external_id", "invalid", "Give 1 to 191 characters.")
        found = upsert.find_external(self.kind, source, value)
        if found and not self.visible().filter(pk=found.pk).exists():
            raise Http404
        return found

    def get(self, request: Request, source: str, value: str) -> Response:
        found = self.known(source, value)
        if found is None:
            raise Http404
        self.read(found.pk)
        headers = {"Content-Location": self.place(found.pk)}
        return self.one(self.row(found.pk), headers=headers)

    def put(self, request: Request, source: str, value: str) -> Response:
        found = self.known(source, value)
        facts = self.facts(known=found is not None, lenient=True)
        done = self.write(source=source, value=value, facts=facts)
        is_new = done.result == "created"
        headers = {"Upsert-Result": done.result, "Content-Location": self.place(done.row.pk)}
        if is_new:
            headers["Location"] = self.place(done.row.pk)
        row = self.row(done.row.pk)
        return self.one(row, status=201 if is_new else 200, headers=headers)


def operations_for(
    kind: str, *, shape: Shape, takes: Any, example: Row, rules: tuple[str, str, str]
) -> Callable[[dict[str, Param]], tuple[dict[str, Operation], ...]]:
    """The operations of list, detail and external; `rules` are for read, create and change."""
    read, create, change = rules
    name = kind.title()

    def made(filters: dict[str, Param]) -> tuple[dict[str, Operation], ...]:
        listed = Operation(
            rule=read,
            id=f"list{name}s",
            summary=f"{name}s, newest first",
            gives=shape,
            is_list=True,
            params={**filters, **SHARED},
        )
        created = Operation(
            rule=create,
            id=f"create{name}",
            summary=f"The new {kind}",
            gives=shape,
            status=201,
            takes=takes,
            example=example,
            headers={"Location": f"The new {kind}.", **ETAG},
            problems=(409,),
        )
        got = Operation(
            rule=read, id=f"get{name}", summary=f"One {kind}", gives=shape, headers=ETAG
        )
        found = Operation(
            rule=read,
            id=f"get{name}ByExternalId",
            summary=f"The {kind} another system calls so",
            gives=shape,
            headers={"Content-Location": f"The {kind} under its own id.", **ETAG},
        )
        put = Operation(
            rule=change,
            id=f"upsert{name}",
            summary=f"The {kind} as it is now",
            gives=shape,
            also={201: f"The new {kind}"},
            takes=takes,
            example=example,
            headers={"Upsert-Result": "created, updated, unchanged or stale.", **ETAG},
            problems=(409,),
            says=UPSERT_SAYS,
        )
        return {"GET": listed, "POST": created}, {"GET": got}, {"GET": found, "PUT": put}

    return made
