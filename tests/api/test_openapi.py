"""The description of the API: complete, valid, committed, and true."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings

from config.api import description, urlpatterns
from lib.rest.json import dumps
from tests.api.conftest import Api

COMMITTED = Path(settings.BASE_DIR) / "docs" / "openapi.json"


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    ]


def examples() -> Iterator[tuple[str, Any, Any]]:
    """Each example with the schema it must keep to."""
    bodies = []
    for _path, _method, operation in operations():
        name = operation["operationId"]
        bodies += [(name, answer) for answer in operation["responses"].values()]
        bodies.append((name, operation.get("requestBody", {})))
    bodies += description()["components"]["responses"].items()
    for name, body in bodies:
        for content in body.get("content", {}).values():
            if "examples" in content:
                yield name, content["schema"], content["examples"]["example"]["value"]


def closed(schema: Any) -> Any:
    """The schema with every object limited to the properties it names."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if "properties" in found and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found


def validate(schema: Any, value: Any) -> None:
    """Against the description, and nothing that it does not name."""
    whole = {**closed(schema), "components": closed(description()["components"])}
    jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(value)


def test_o2_the_committed_description_is_the_one_served() -> None:
    served = dumps(description(), indent=True) + b"\n"
    assert COMMITTED.read_bytes() == served, "run manage.py write_openapi"


def test_o1_it_is_public_openapi_31_in_both_forms(db: None, nobody: Api) -> None:
    found = nobody.get("openapi.json")
    assert found.status_code == 200
    assert found.json()["openapi"] == "3.1.0"
    assert yaml.safe_load(nobody.get("openapi.yaml").content) == found.json()


def test_every_route_is_described() -> None:
    assert len(description()["paths"]) == len(urlpatterns)


@pytest.mark.parametrize(
    ("name", "schema", "value"), list(examples()), ids=[row[0] for row in examples()]
)
def test_examples_validate(name: str, schema: Any, value: Any) -> None:
    validate(schema, value)


def test_operations_name_their_statuses_and_security() -> None:
    ids = [operation["operationId"] for _path, _method, operation in operations()]
    assert len(ids) == len(set(ids))
    for path, _method, operation in operations():
        answers = set(operation["responses"])
        assert {"400", "406", "500", "503"} <= answers, path
        is_public = "openapi" in path
        assert bool(operation["security"]) != is_public, path
        assert ({"401", "403"} <= answers) != is_public, path
        assert ("404" in answers) == ("{" in path), path
        assert ({"411", "413", "415"} <= answers) == ("requestBody" in operation), path


def test_every_reference_resolves() -> None:
    text = json.dumps(description())
    parts = description()["components"]
    for name in set(text.split('"#/components/')[1:]):
        kind, _, rest = name.partition("/")
        assert rest.split('"')[0] in parts[kind]
