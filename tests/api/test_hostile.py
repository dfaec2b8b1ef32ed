"""Hostile input to every operation: never a 5xx, and problems are problems."""

import json
import random
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import reverse

from config.api import description, urlpatterns
from config.checks import operations_of
from tests import factories
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db

VALUES: list[Any] = [
    *(None, True, 0, -1, 2**63, 1e308, "", " ", "x", "x" * 400, "\0", "\u202e", "é" * 90),
    *("<script>", "'; DROP TABLE x;--", "1", [], [[]], {}, {"id": {}}, [None], ["x"], [1, "x"]),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-13-40T99:99:99Z"),
    *({"message": "x", "code": "y"}, {"external": []}, {"external": {"source": "x\n", "id": "\t"}}),
    *([{"value": None}], [{"value": {}}], [{"value": "x", "type": []}], str(uuid.UUID(int=0))),
]
RAW = [
    *(b"", b"{", b"\xff\xfe", b'"\\ud800"', b"[" * 900, b"[" * 900 + b"]" * 900, b"NaN", b"null"),
    *(b"[]", b'"x"', b"7", b'{"\\u0000":1}', b'{"a":' * 60 + b"1" + b"}" * 60, b"\xef\xbb\xbf{}"),
    *(b'{"first_name":"\xc3\x28"}', b'{"first_name":"\\udc00"}', b"1e400", b"-" + b"9" * 4000),
]
TEXTS = ["", " ", "%00", "%ff", "x" * 4000, "-1", "9" * 50, "[]", "%F0%9F%98%80", "a&b=c", "٣", "'"]
HEADERS = [
    *({"accept": value} for value in ("", "*", "text/", "x" * 9000, ";;q=", "a/b;q=x", "é/é")),
    *({"content_type": value} for value in ("", "x", "a/b;;", "application/json;charset=\xff")),
    {"if_none_match": 'W/"'},
    {"idempotency_key": "\xff"},
    {"prefer": ";" * 900},
    {"x_forwarded_for": "x, y"},
    {"x_http_method_override": "DELETE"},
    {"on_behalf_of": "é@\x7f"},
    {"on_behalf_of": "a@\0"},
]


def routes() -> list[tuple[str, str]]:
    values = {"pk": uuid.UUID(int=7), "source": "ats", "value": "1", "number": 1}
    found = []
    for one in urlpatterns:
        kwargs = {name: values[name] for name in one.pattern.converters}
        path = reverse(f"api:{one.name}", kwargs=kwargs)
        found += [(method, path) for method in operations_of(one)]
    return found


def check(answer: Any, what: Any) -> None:
    assert answer.status_code < 500, what
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json", what
        body = json.loads(answer.content)
        assert body["status"] == answer.status_code
        assert body["request_id"]


def inputs(method: str, path: str) -> Iterator[dict[str, Any]]:
    """Bodies with one property after the other gone wrong."""
    names = {"/jobs": "JobInput", "/candidates": "CandidateInput", "/exports": "ExportInput"}
    parts = description()["components"]["schemas"]
    name = next((n for at, n in names.items() if at in path), "ApplicationInput")
    properties = list(parts[name]["properties"])
    dice = random.Random(f"{method} {path}")  # noqa: S311
    for value in VALUES:
        yield {**dict.fromkeys(properties, "x"), dice.choice(properties): value}
        yield {one: dice.choice(VALUES) for one in properties}
        yield {str(value)[:300]: value}


@pytest.mark.parametrize(("method", "path"), routes(), ids=lambda value: str(value)[-48:])
def test_no_operation_breaks(api: Api, method: str, path: str) -> None:
    factories.level()
    factories.application(factories.job())
    if method in {"POST", "PUT"}:
        for body in inputs(method, path):
            check(api.send(method, path, body), body)
        for raw in RAW:
            check(api.send(method, path, raw), raw)
    for text in TEXTS:
        for name in ("cursor", "page_size", "ids", "status", "created_since", text):
            check(api.send(method, f"{path}?{name}={text}", b"{}"), text)
    for headers in HEADERS:
        check(api.send(method, path, b"{}", **headers), headers)


@pytest.mark.parametrize("kind", ["jobs", "candidates", "applications"])
@pytest.mark.parametrize(
    "text", ["\0", "\n", " ", "é", "x" * 192, "x" * 9000, "..", "a/b", "😀", "%"]
)
def test_no_path_breaks(api: Api, kind: str, text: str) -> None:
    for path in (f"{kind}/external/{quote(text)}/1", f"{kind}/external/ats/{quote(text)}"):
        for method in ("GET", "PUT"):
            check(api.send(method, path, {"first_name": "Kim"}), path)
    check(api.get(f"{kind}/{quote(text)}"), text)
    check(api.get(f"{kind}/%ff%fe"), text)


def test_what_was_stored_is_what_was_sent(api: Api) -> None:
    name = "Ni\u202eamh 😀 O'<b>Brien"
    made = api.post("candidates", {"first_name": name})
    assert made.json()["first_name"] == name
    refused = api.post("candidates", {"first_name": "a\0b"})
    assert refused.status_code == 400
