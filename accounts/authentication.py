"""Who calls the API: a token, and if it says so, the person it acts for."""

import base64
import ipaddress
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import ledger
from accounts.actions import token_digest
from accounts.models import ApiToken, User
from accounts.rules import TABLE, reachable
from lib.rest import Problem

TOUCH_EVERY = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`, or Basic with the token as user name and no password.

    `request.user` is who is acted for: the person in On-Behalf-Of, else the token's maker.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        token = self._token(_key(header))
        self._check_address(token, request)
        user = self._actor(request, token)
        ledger.origin.set(replace(ledger.origin.get(), token=token))
        self._touch(token)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def _token(self, key: str) -> ApiToken:
        token = (
            ApiToken.objects.select_related("created_by").filter(digest=token_digest(key)).first()
        )
        if token is None or token.revoked_at or not token.created_by.is_active:
            raise Problem(401, "invalid_token", "This token is unknown or no longer valid.")
        if not token.is_live:
            raise Problem(401, "token_expired", "This token has expired. Ask for a new one.")
        return token

    def _check_address(self, token: ApiToken, request: Request) -> None:
        if not token.allowed_cidrs:
            return
        address = _address(request)
        if not address or not any(
            address in ipaddress.ip_network(cidr, strict=False) for cidr in token.allowed_cidrs
        ):
            raise Problem(401, "invalid_token", "This token may not be used from your address.")

    def _actor(self, request: Request, token: ApiToken) -> User:
        named = request.META.get("HTTP_ON_BEHALF_OF", "").strip()
        if not named:
            return token.created_by
        who = Q(email__iexact=named) if "@" in named else Q(pk=_uuid(named))
        user = User.objects.filter(who, is_active=True).first() if named.isprintable() else None
        if user is None:
            raise Problem(403, "unknown_actor", "On-Behalf-Of names nobody who may sign in here.")
        return user

    def _touch(self, token: ApiToken) -> None:
        now = timezone.now()
        if token.last_used_at is None or token.last_used_at < now - TOUCH_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _key(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except ValueError as error:  # no base64, no ASCII, no UTF-8
            raise _malformed() from error
    raise _malformed()


def _malformed() -> Problem:
    return Problem(401, "invalid_token", "Send “Authorization: Bearer <token>”.")


def _address(request: Request) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(ledger.caller_address(request.META))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


class HasScope(BasePermission):
    """The token carries the scope that the access table asks of this operation, and whoever it
    acts for could stand in a column that may do it. The view still asks for the exact row.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        operation = view.operation(request.method)
        if operation is None:  # an unknown method: DRF answers 405 itself
            return True
        rule = TABLE[operation.rule]
        if "anyone" in rule.who:
            return True
        if not isinstance(request.auth, ApiToken):
            raise Problem(401, "not_authenticated", "Send “Authorization: Bearer <token>”.")
        if rule.scope and rule.scope not in request.auth.scopes:
            raise Problem(
                403,
                "insufficient_scope",
                f"This token lacks the scope {rule.scope}. An admin can make one that has it.",
                required_scopes=[rule.scope],
            )
        if not reachable(operation.rule, request.user):
            if view.kwargs:  # one thing: forbidden looks like unknown
                raise Http404
            raise Problem(403, "not_permitted", "Whom this token acts for may not do this.")
        return True
