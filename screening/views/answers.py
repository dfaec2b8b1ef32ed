"""How buttons answer: done or refused in words, then back to where they were pressed."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme

from candidates.models import Application
from lib.errors import Refused
from screening import rules
from screening.queries.standing import open_to


def attempt(request: HttpRequest, do: Callable[[], object], done: str = "") -> bool:
    """Run one action; say what came of it with a message."""
    try:
        do()
    except Refused as refused:
        messages.error(request, refused.message)
        return False
    if done:
        messages.success(request, done)
    return True


def back(request: HttpRequest, default: str) -> HttpResponse:
    """To the page the button was on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    response = redirect(wanted if wanted and safe else default)
    response.status_code = 303
    return response


def application_for(request: HttpRequest, pk: object, action: str) -> Application:
    """The application, if this user may do this to it; else it does not exist for them."""
    found = get_object_or_404(open_to(request.user).select_related("job", "candidate"), pk=pk)
    if not rules.may(request.user, action, found):
        raise Http404
    return found
