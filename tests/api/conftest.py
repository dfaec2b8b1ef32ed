"""A small world and clients that speak to the API as a program does."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.actions import create_token
from accounts.models import User
from accounts.models.tokens import Scope
from tests import factories


class Api:
    """A REST client with a token, and if it says so, for a person."""

    def __init__(self, key: str = "", actor: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.key, self.actor = key, actor

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        extra = {}
        if self.key:
            extra["HTTP_AUTHORIZATION"] = f"Bearer {self.key}"
        if self.actor:
            extra["HTTP_ON_BEHALF_OF"] = self.actor
        for name, value in headers.items():
            extra[f"HTTP_{name.upper()}"] = value
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        extra.setdefault("CONTENT_TYPE", extra.pop("HTTP_CONTENT_TYPE", "application/json"))
        path = path if path.startswith("/") else f"/api/v1/{path}"
        return self.client.generic(
            method, path, data, content_type=extra.pop("CONTENT_TYPE"), **extra
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("PUT", path, body, **headers)

    def as_(self, user: User) -> "Api":
        return Api(self.key, str(user.pk))


@pytest.fixture
def ada(db: None) -> User:
    return factories.admin()


@pytest.fixture
def token_for() -> Callable[..., Api]:
    def make(user: User, *scopes: str) -> Api:
        _row, key = create_token(by=user, name="Sync", scopes=scopes or Scope.values)
        return Api(key)

    return make


@pytest.fixture
def api(ada: User, token_for: Callable[..., Api]) -> Api:
    """Ada's token with every scope."""
    return token_for(ada)


@pytest.fixture
def nobody() -> Api:
    return Api()
