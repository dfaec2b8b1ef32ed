"""What an operation of the API is, as data: read by the access check, the view and OpenAPI."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """Something the API gives, by name, with an example that validates."""

    name: str
    schema: Schema
    example: Any


@dataclass(frozen=True)
class Param:
    """A query parameter: `check` takes (name, text) and gives the value, or refuses."""

    says: str
    schema: Schema
    check: Callable[[str, str], Any]


@dataclass(frozen=True)
class Operation:
    """One method of one path. `rule` is its row of `accounts.rules.TABLE`.

    `problems` are the statuses it can answer besides those that every operation of its kind can.
    """

    rule: str
    id: str
    summary: str
    gives: Shape | None = None
    is_list: bool = False
    status: int = 200
    also: Mapping[int, str] = field(default_factory=dict)
    takes: Any = None
    example: Any = None
    params: Mapping[str, Param] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    says: str = ""
    media_types: tuple[str, ...] = ("application/json",)


UUID: Schema = {"type": "string", "format": "uuid"}
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
TIME: Schema = {"type": "string", "format": "date-time"}


def one_of(words: list[str]) -> Schema:
    return {"type": "string", "enum": list(words)}


def nullable(schema: Schema) -> Schema:
    if "enum" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def thing(**properties: Schema) -> Schema:
    """An object that always has all of these; new properties may appear in later versions."""
    return {"type": "object", "properties": properties, "required": list(properties)}


EXTERNAL_IDS = many(thing(source=TEXT, id=TEXT))
TIMES = {"created_at": TIME, "updated_at": TIME}
