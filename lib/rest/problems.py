"""Errors as RFC 9457 problem+json: one shape, a code a program can read, a sentence for people."""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions, status
from rest_framework.response import Response

from lib.errors import Refused
from lib.rest.json import JSONRenderer

logger = logging.getLogger(__name__)

DOCS = "https://plumbline.invalid/problems/"
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
    "too_large": "Too large",
    "conflict": "Conflict",
    "unresolved_reference": "Unresolved reference",
    "invalid_state": "Invalid state",
    "file_expired": "File expired",
    "server_error": "Server error",
    "unavailable": "Unavailable",
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
REFUSALS = {"validation": 400, "not_found": 404, "gone": 410}


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
        "type": f"{DOCS}{code}",
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
        code = "validation_error" if error.code == "validation" else error.code
        return Problem(REFUSALS.get(error.code, 409), code, error.message)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_pointers(error.get_full_details(), ""))
        return Problem(400, "validation_error", "The request is invalid.", errors=errors)
    if isinstance(error, (Http404, exceptions.NotFound)):
        return Problem(404, "not_found", "There is nothing here that you may see.")
    if isinstance(error, PermissionDenied):
        return Problem(403, "not_permitted", "You may not do this.")
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
        yield {"pointer": at or "/", "code": details["code"], "detail": details["message"]}
    else:
        for name, item in details.items():
            yield from _pointers(item, at if name == "non_field_errors" else f"{at}/{name}")
