"""OpenAPI 3.1 from the operations of the views: nothing is guessed, every status is named."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from lib.rest.operations import (
    FLAG,
    TEXT,
    TIME,
    UUID,
    WHOLE,
    Operation,
    Schema,
    Shape,
    many,
    nullable,
    thing,
)
from lib.rest.problems import STATUSES
from lib.rest.query import PAGE_SIZES

PROBLEM = thing(
    type=TEXT,
    title=TEXT,
    status=WHOLE,
    code=TEXT,
    detail=TEXT,
    instance=TEXT,
    request_id=TEXT,
)
PROBLEM["properties"] |= {
    "errors": many(
        {
            "type": "object",
            "properties": {"pointer": TEXT, "parameter": TEXT, "code": TEXT, "detail": TEXT},
            "required": ["code", "detail"],
        }
    ),
    "required_scopes": many(TEXT),
}
REQUEST_ID = {"description": "Names this call in the log.", "schema": UUID}
BEARER = {"type": "http", "scheme": "bearer", "description": "A token of this site: scr_…"}
BASIC = {"type": "http", "scheme": "basic", "description": "The token as user name, no password."}
ACTOR = {
    "name": "On-Behalf-Of",
    "in": "header",
    "schema": TEXT,
    "description": "Id or e-mail of the person acted for: the rights are what the token's scopes "
    "and this person have in common.",
}
PATH = {
    "pk": ("id", UUID, "Its id."),
    "source": (
        "source",
        {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,31}$"},
        "The other system, for example greenhouse.",
    ),
    "value": (
        "external_id",
        {"type": "string", "minLength": 1, "maxLength": 191},
        "What the other system calls it.",
    ),
    "number": ("n", {"type": "integer", "minimum": 1}, "Its number."),
}


def problem_component() -> Schema:
    return {**PROBLEM, "additionalProperties": True}


class OperationSchema(AutoSchema):
    """Describes an `ApiView` from its `operations`."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> Schema | None:
        self.registry, self.method, self.path = registry, method.upper(), path
        self.path_regex, self.path_prefix = path_regex, path_prefix
        operation: Operation = self.view.operations[self.method]
        described: Schema = {
            "operationId": operation.id,
            "summary": operation.summary,
            "tags": [path.removeprefix("/api/v1/").split("/")[0].split(".")[0]],
            "parameters": list(_parameters(operation, path, self.is_public)),
            "responses": dict(self._responses(operation)),
        }
        if operation.says:
            described["description"] = operation.says
        if operation.takes:
            described["requestBody"] = self._body(operation)
        described["security"] = [] if self.is_public else [{"token": []}, {"tokenAsUser": []}]
        described["x-access"] = operation.rule
        return described

    @property
    def is_public(self) -> bool:
        return not self.view.authentication_classes

    def _body(self, operation: Operation) -> Schema:
        component = self.resolve_serializer(operation.takes, "request")
        content: Schema = {"schema": component.ref}
        content["examples"] = {"example": {"value": operation.example}}
        return {"required": True, "content": {"application/json": content}}

    def _responses(self, operation: Operation) -> Iterator[tuple[str, Schema]]:
        yield str(operation.status), self._success(operation, operation.summary)
        for status, says in operation.also.items():
            yield str(status), self._success(operation, says)
        for status in _problems(operation, self.path, self.is_public):
            yield str(status), {"$ref": f"#/components/responses/Problem{status}"}

    def _success(self, operation: Operation, says: str) -> Schema:
        headers: Schema = {"X-Request-Id": REQUEST_ID}
        for name, description in operation.headers.items():
            headers[name] = {"description": description, "schema": TEXT}
        found: Schema = {"description": says, "headers": headers}
        if operation.is_list:
            link = "The next page, as rel=next; missing on the last one."
            headers["Link"] = {"description": link, "schema": TEXT}
        if operation.gives:
            found["content"] = self._content(operation, operation.gives)
        elif operation.status != 204:
            binary = {"schema": {"type": "string", "format": "binary"}}
            found["content"] = dict.fromkeys(operation.media_types, binary)
        return found

    def _content(self, operation: Operation, shape: Shape) -> Schema:
        schema, example = self._ref(shape), shape.example
        if operation.is_list:
            schema = thing(
                data=many(schema),
                has_more=FLAG,
                next_cursor=nullable(TEXT),
                sync_token=nullable(TEXT),
                as_of=TIME,
            )
            example = {
                "data": [example],
                "has_more": False,
                "next_cursor": None,
                "sync_token": None,
                "as_of": "2026-11-20T16:12:00Z",
            }
        content = {"schema": schema, "examples": {"example": {"value": example}}}
        return dict.fromkeys(operation.media_types, content)

    def _ref(self, shape: Shape) -> Schema:
        component = ResolvedComponent(
            name=shape.name,
            type=ResolvedComponent.SCHEMA,
            schema=shape.schema,
            object=shape.name,
        )
        self.registry.register_on_missing(component)
        return dict(component.ref)


def _parameters(operation: Operation, path: str, is_public: bool) -> Iterator[Schema]:  # noqa: FBT001
    for kwarg, (name, schema, says) in PATH.items():
        if f"{{{kwarg}}}" in path:
            found = {"name": name, "in": "path", "required": True, "schema": schema}
            yield {**found, "description": says}
    for name, param in operation.params.items():
        yield {"name": name, "in": "query", "schema": param.schema, "description": param.says}
    if operation.is_list:
        low, high = PAGE_SIZES
        size = {"type": "integer", "minimum": low, "maximum": high, "default": 50}
        yield {"name": "page_size", "in": "query", "schema": size, "description": "Rows a page."}
        says = "Where the last page ended; whatever stands beside it is ignored."
        yield {"name": "cursor", "in": "query", "schema": TEXT, "description": says}
    if not is_public:
        yield ACTOR


def _problems(operation: Operation, path: str, is_public: bool) -> list[int]:  # noqa: FBT001
    found = {400, 406, 500, 503, *operation.problems}
    if not is_public:
        found |= {401, 403}
    if "{" in path:
        found.add(404)
    if operation.takes:
        found |= {411, 413, 415}
    return sorted(found)


def finish(result: Schema, **kwargs: Any) -> Schema:
    """drf-spectacular's last step: what all operations share."""
    result["paths"] = {_path(path): found for path, found in result["paths"].items()}
    parts = result.setdefault("components", {})
    parts["schemas"]["Problem"] = problem_component()
    parts["schemas"] = {name: _plain(found) for name, found in sorted(parts["schemas"].items())}
    parts["responses"] = {f"Problem{status}": _problem(status) for status in STATUSES}
    parts["securitySchemes"] = {"token": BEARER, "tokenAsUser": BASIC}
    return result


def _plain(schema: Any) -> Any:
    """Without the library's own marks."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key != "x-spec-enum-id"}
    return [_plain(item) for item in schema] if isinstance(schema, list) else schema


def _path(path: str) -> str:
    for kwarg, (name, *_rest) in PATH.items():
        path = path.replace(f"{{{kwarg}}}", f"{{{name}}}")
    return path


def _problem(status: int) -> Schema:
    says, codes = STATUSES[status]
    example = {
        "type": f"urn:plumbline:problem:{codes[0]}",
        "title": says,
        "status": status,
        "code": codes[0],
        "detail": says + ".",
        "instance": "/api/v1/candidates",
        "request_id": "9a034608-0c5f-4d6e-9f7f-0d0f6a3a5a10",
    }
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"properties": {"status": {"const": status}, "code": {"enum": list(codes)}}},
        ]
    }
    headers: Schema = {"X-Request-Id": REQUEST_ID}
    if status == 401:
        headers["WWW-Authenticate"] = {"description": "Bearer", "schema": TEXT}
    if status in {409, 503}:
        headers["Retry-After"] = {"description": "Seconds.", "schema": TEXT}
    content = {"schema": schema, "examples": {"example": {"value": example}}}
    return {
        "description": f"{says}: {', '.join(codes)}",
        "headers": headers,
        "content": {"application/problem+json": content},
    }
