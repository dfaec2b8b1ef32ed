"""The candidate's door: a signed cookie instead of an account, and what every such page sends."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

from screening.actions import submissions as actions
from screening.models import Assignment, Invitation
from screening.queries.candidate import Door, by_digest, whom_to_ask

SALT = "screening.candidate"
MAX_AGE = 90 * 24 * 3600
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}

View = Callable[..., HttpResponse]


class NoReferrerCsrf(CsrfViewMiddleware):
    """Under `no-referrer` a browser posts a form with `Origin: null`, which Django refuses.

    The token is asked for as always; for such an origin the browser's own word of where the
    request comes from stands in for it. On plain http browsers say nothing, and the token decides.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        if request.headers.get("Origin") != "null":
            return bool(super()._origin_verified(request))
        site = request.headers.get("Sec-Fetch-Site", "")
        return site == "same-origin" or (not site and not request.is_secure())


_csrf = decorator_from_middleware(NoReferrerCsrf)


def unseen(view: View) -> View:
    """No cache, no referrer, no index; every "no" of whatever kind is the same page.

    A body over the limit is refused by its announced length: a form is read, and a file spooled,
    only after that.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return gone(request)

    checked = _csrf(inner)

    @wraps(view)
    def outer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = too_large(request) or checked(request, *args, **kwargs)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return csrf_exempt(outer)


def too_large(request: HttpRequest) -> HttpResponse | None:
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdecimal() and int(announced) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return None
    return render(request, "workspace/too_large.html", status=413)


def gone(request: HttpRequest) -> HttpResponse:
    """Expired, revoked, unknown, finished: one page, one status."""
    return render(request, "workspace/gone.html", status=404)


def cookie_name(request: HttpRequest) -> str:
    return "__Host-candidate" if request.is_secure() else "candidate"


def give_cookie(
    request: HttpRequest, response: HttpResponse, *, invitation: Invitation, digest: str
) -> None:
    told = {"i": str(invitation.pk), "t": digest, "d": invitation.device}
    response.set_cookie(
        cookie_name(request),
        signing.dumps(told, salt=SALT),
        max_age=MAX_AGE,
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )


def door_of(request: HttpRequest) -> Door | None:
    """Who asks, if the secret they came with still stands; the link may have ended since."""
    try:
        told = signing.loads(
            request.COOKIES.get(cookie_name(request), ""), salt=SALT, max_age=MAX_AGE
        )
    except signing.BadSignature:
        return None
    invitation = by_digest(told["t"])
    if invitation is None or str(invitation.pk) != told["i"]:
        return None
    return Door(invitation=invitation, digest=told["t"], device=told["d"])


def is_open(door: Door) -> bool:
    """Whether the link still lives; if its time is up, work begun is sealed as it is."""
    if door.invitation.is_live:
        return True
    actions.seal_expired(
        assignments=Assignment.objects.filter(application=door.invitation.application_id)
    )
    return False


def for_candidate(*, any_device: bool = False, before_consent: bool = False) -> Any:
    """A page behind the link: the view gets the `Door` as its second argument."""

    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            door = door_of(request)
            if door is None or not is_open(door):
                return gone(request)
            if not (door.is_active or any_device):
                return elsewhere(request, door)
            if door.invitation.consented_at is None and not before_consent:
                return redirect("consent")
            return view(request, door, *args, **kwargs)

        return unseen(inner)

    return wrap


def elsewhere(request: HttpRequest, door: Door) -> HttpResponse:
    """Another device has taken over since; one press brings the work back here."""
    context = {"job": door.invitation.application.job}
    return render(request, "workspace/elsewhere.html", context, status=409)


def frame_of(door: Door) -> dict[str, Any]:
    """What every page behind the link shows around its own."""
    application = door.invitation.application
    return {
        "job": application.job,
        "contact": whom_to_ask(application),
        "invitation": door.invitation,
    }
