"""Every operation × every scope: the one of the table opens it, none of the others does."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.models.tokens import Scope
from accounts.rules import TABLE
from config.api import urlpatterns
from config.checks import operations_of
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


def calls() -> list[tuple[str, str, str]]:
    """Method, path and rule of every operation that needs a token."""
    found = []
    values = {"pk": uuid.UUID(int=1), "source": "ats", "value": "1", "number": 1}
    for one in urlpatterns:
        kwargs = {name: values[name] for name in one.pattern.converters}
        path = reverse(f"api:{one.name}", kwargs=kwargs)
        found += [(method, path, rule) for method, rule in operations_of(one).items()]
    return [call for call in found if "anyone" not in TABLE[call[2]].who]


def body_for(method: str) -> Any:
    return {} if method in {"POST", "PUT"} else None


@pytest.mark.parametrize(("method", "path", "rule"), calls(), ids=lambda value: str(value)[:48])
def test_one_scope_opens_an_operation(
    method: str, path: str, rule: str, ada: User, token_for: Callable[..., Api], nobody: Api
) -> None:
    body = body_for(method)
    assert nobody.send(method, path, body).status_code == 401
    needed = TABLE[rule].scope
    others = [scope for scope in Scope.values if scope != needed]
    refused = token_for(ada, *others).send(method, path, body)
    if needed is None:
        assert refused.status_code == 200
        return
    assert needed in Scope.values
    assert refused.status_code == 403
    assert refused.json()["required_scopes"] == [needed]
    allowed = token_for(ada, needed).send(method, path, body)
    assert allowed.status_code not in {401, 403}
    if method == "GET":
        assert token_for(ada, *others).send("HEAD", path).status_code == 403


def test_every_scope_opens_something() -> None:
    assert {TABLE[rule].scope for _method, _path, rule in calls()} - {None} == set(Scope.values)
