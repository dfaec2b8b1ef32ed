"""What is answered when no view answers: problem+json to programs, pages to people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from lib.rest import problem_response

API = "/api/"


def _is_api(request: HttpRequest) -> bool:
    return f"{request.path}/".startswith(API)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(request, 400, "validation_error", "The request is malformed.")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(request, 403, "not_permitted", "You may not do this.")
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        detail = "There is nothing here that you may see."
        return problem_response(request, 404, "not_found", detail)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    if _is_api(request):
        detail = "Something went wrong here. The request id names it in our log."
        return problem_response(request, 500, "server_error", detail)
    return defaults.server_error(request)
