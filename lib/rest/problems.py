"""Errors as RFC 9457 problem+json: one shape, a code a program can read, a sentence for people."""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions, status
from rest_framework.response import Response

from lib.errors import Refused
from lib.rest.json import JSONRenderer

logger = logging.getLogger(__name__)

TYPES = "urn:plumbline:problem:"
TITLES = {
    "validation_error": "Validation error",
    "invalid_cursor": "Invalid cursor",
    "malformed_json": "Malformed JSON",
    "not_authenticated": "Not authenticated",
    "invalid_token": "Invalid token",
    "token_expired": "Token expired",
    "insufficient_scope": "Insufficient scope",
    "unknown_actor": "Unknown actor",
    "not_permitted": "Not permitted",
    "not_found": "Not found",
    "method_not_allowed": "Method not allowed",
    "not_acceptable": "Not acceptable",
    "unsupported_media_type": "Unsupported media type",
    "length_required": "Length required",
    "too_large": "Too large",
    "conflict": "Conflict",
    "unresolved_reference": "Unresolved reference",
    "invalid_state": "Invalid state",
    "file_expired": "File expired",
    "server_error": "Server error",
    "unavailable": "Unavailable",
}
# Each status with what it means and the codes that come with it.
STATUSES: dict[int, tuple[str, tuple[str, ...]]] = {
    400: ("The request is invalid", ("validation_error", "invalid_cursor", "malformed_json")),
    401: ("Not authenticated", ("not_authenticated", "invalid_token", "token_expired")),
    403: ("Not permitted", ("insufficient_scope", "unknown_actor", "not_permitted")),
    404: ("Not found", ("not_found",)),
    406: ("Not acceptable", ("not_acceptable",)),
    409: ("Conflict", ("conflict", "unresolved_reference", "invalid_state")),
    410: ("Gone", ("file_expired",)),
    411: ("Length required", ("length_required",)),
    413: ("Too large", ("too_large",)),
    415: ("Unsupported media type", ("unsupported_media_type",)),
    500: ("Server error", ("server_error",)),
    503: ("Unavailable", ("unavailable",)),
}
# DRF's words for what we call otherwise.
CODES = {
    "invalid": "validation_error",
    "parse_error": "malformed_json",
    "authentication_failed": "invalid_token",
    "permission_denied": "not_permitted",
    "error": "server_error",
    "throttled": "quota-exceeded",
}
# What an action's refusal means in HTTP.
REFUSALS = {
    "validation": (400, "validation_error"),
    "conflict": (409, "conflict"),
    "not_found": (404, "not_found"),
    "gone": (410, "file_expired"),
    "not_permitted": (403, "not_permitted"),
}


class Problem(exceptions.APIException):
    """An answer other than success, with its code and what else the caller needs."""

    def __init__(
        self, status_code: int, code: str, detail: str, *, errors: Any = None, **extra: Any
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.errors = errors
        self.extra = extra


def problem_response(
    request: HttpRequest, status_code: int, code: str, detail: str, **extra: Any
) -> HttpResponse:
    """The answer outside of a view: routes that do not exist, and what Django itself refuses."""
    body = problem_body(request, status_code, code, detail, **extra)
    return HttpResponse(
        JSONRenderer().render(body), status=status_code, content_type="application/problem+json"
    )


def problem_body(
    request: HttpRequest, status_code: int, code: str, detail: str, **extra: Any
) -> dict[str, Any]:
    return {
        "type": f"{TYPES}{code}",
        "title": TITLES.get(code, code),
        "status": status_code,
        "code": code,
        "detail": detail,
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
        **extra,
    }


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    request = context["request"]
    found = _translate(error)
    if found is None:
        return None  # a bug: Django logs it and `handler500` answers
    extra = dict(found.extra)
    if found.errors is not None:
        extra["errors"] = found.errors
    body = problem_body(request, found.status_code, _code(found), str(found.detail), **extra)
    headers = {}
    if found.status_code == status.HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    if found.status_code == status.HTTP_503_SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    return Response(
        body,
        status=found.status_code,
        headers=headers,
        content_type="application/problem+json",
    )


def _code(problem: Problem) -> str:
    code = str(problem.get_codes())
    return CODES.get(code, code)


def _translate(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        status_code, code = REFUSALS.get(error.code, (409, "invalid_state"))
        return Problem(status_code, code, error.message)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_pointers(error.get_full_details(), ""))
        return Problem(400, "validation_error", "The request is invalid.", errors=errors)
    if isinstance(error, (Http404, exceptions.NotFound)):
        return Problem(404, "not_found", "There is nothing here that you may see.")
    if isinstance(error, PermissionDenied):
        return Problem(403, "not_permitted", "You may not do this.")
    if isinstance(error, (OperationalError, InterfaceError)):
        logger.exception("The database did not answer")
        return Problem(503, "unavailable", "The database is busy or away. Try again shortly.")
    if isinstance(error, exceptions.APIException):
        return Problem(error.status_code, str(error.get_codes()), str(error.detail))
    return None


def _pointers(details: Any, at: str) -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list with JSON pointers."""
    if isinstance(details, list):
        for index, item in enumerate(details):
            deeper = "message" not in item if isinstance(item, dict) else True
            yield from _pointers(item, f"{at}/{index}" if deeper else at)
    elif isinstance(details, dict) and isinstance(details.get("message"), str):
        yield {"pointer": at, "code": details["code"], "detail": details["message"]}
    else:
        for name, item in details.items():
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            yield from _pointers(item, at if name == "non_field_errors" else f"{at}/{escaped}")
