"""`/me` and `/users`."""

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from lib.rest import query as params
from lib.rest.json import MOST_BYTES
from lib.rest.operations import (
    FLAG,
    TEXT,
    TIME,
    TIMES,
    Operation,
    Shape,
    many,
    nullable,
    one_of,
    thing,
)
from lib.rest.operations import UUID as ID
from lib.rest.operations import WHOLE as INT
from lib.rest.query import PAGE_SIZES
from lib.rest.views import ApiView

Row = dict[str, Any]

ROLES = [role.removeprefix("is_") for role in User.ROLES]
PERSON = thing(id=ID, name=TEXT, email=TEXT)
ME = Shape(
    "Me",
    thing(
        token=thing(id=ID, name=TEXT, prefix=TEXT, expires_at=nullable(TIME)),
        scopes=many(TEXT),
        acts_for=PERSON,
        limits=thing(page_size=INT, body_bytes=INT),
    ),
    {
        "token": {
            "id": "0b6a7e5c-3d8f-4c55-9a38-8f1b1e2c3d4f",
            "name": "Greenhouse sync",
            "prefix": "a1b2c3d4",
            "expires_at": None,
        },
        "scopes": ["applications:read", "candidates:read"],
        "acts_for": {
            "id": "51c2a1f0-7a3e-4a3e-8c7b-0f4e1a2b3c4d",
            "name": "Ada Admin",
            "email": "ada@example.org",
        },
        "limits": {"page_size": PAGE_SIZES[1], "body_bytes": MOST_BYTES},
    },
)
USER = Shape(
    "User",
    thing(id=ID, name=TEXT, email=TEXT, roles=many(one_of(ROLES)), is_active=FLAG, **TIMES),
    {
        "id": "51c2a1f0-7a3e-4a3e-8c7b-0f4e1a2b3c4d",
        "name": "Chi Nguyen",
        "email": "chi@example.org",
        "roles": ["interviewer"],
        "is_active": True,
        "created_at": "2026-11-20T16:06:47.335473Z",
        "updated_at": "2026-11-20T16:06:47.335473Z",
    },
)
COLUMNS = ("id", "name", "email", "is_active", "created_at", "updated_at", *User.ROLES)


def _out(row: Row) -> Row:
    roles = [role for role in ROLES if row.pop(f"is_{role}")]
    return {**row, "roles": roles}


def _email(name: str, value: str) -> str:
    return params.text(name, value).lower()


def _narrow(rows: Any, asked: Row) -> Any:
    lookups = {"email": "email__iexact", "ids": "pk__in"}
    return rows.filter(**{lookups[name]: value for name, value in asked.items()})


class Me(ApiView):
    operations = {
        "GET": Operation("token.use", "getMe", "Who this token is and what it may do", gives=ME)
    }

    def get(self, request: Request) -> Response:
        token, user = request.auth, request.user
        return Response(
            {
                "token": {
                    "id": token.pk,
                    "name": token.name,
                    "prefix": token.prefix,
                    "expires_at": token.expires_at,
                },
                "scopes": token.scopes,
                "acts_for": {"id": user.pk, "name": user.name, "email": user.email},
                "limits": {"page_size": PAGE_SIZES[1], "body_bytes": MOST_BYTES},
            }
        )


class UserList(ApiView):
    """Only admins may; the access table says so before the list is asked."""

    operations = {
        "GET": Operation(
            "user.read",
            "listUsers",
            "Users, newest first",
            gives=USER,
            is_list=True,
            params={
                "email": params.Param("This address, in any case.", {"type": "string"}, _email),
                "ids": params.IDS,
            },
        )
    }

    def get(self, request: Request) -> Response:
        page = self.page(User.objects.values(*COLUMNS), _narrow)
        return page.response(request, [_out(row) for row in page.rows])


class UserDetail(ApiView):
    operations = {"GET": Operation("user.read", "getUser", "One user", gives=USER)}

    def get(self, request: Request, pk: UUID) -> Response:
        row = User.objects.filter(pk=pk).values(*COLUMNS).first()
        if row is None:
            raise Http404
        return Response(_out(row))
