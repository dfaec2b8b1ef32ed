"""What admins do with people and keys, and people with their own account."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import ApiToken, User
from accounts.models.tokens import Scope
from lib.errors import Refused

EDITABLE = ("name", *User.ROLES, "can_author", "is_active")


@transaction.atomic
def invite_user(*, by: User, email: str, name: str, **roles: bool) -> User:
    """Make an account without a password; `password_link` lets its owner choose one."""
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(_("Somebody with this e-mail already has an account."), code="conflict")
    user = User.objects.create_user(email=email, password=None, name=name, **roles)
    ledger.record("invite_user", by=by, on=user, changed=["email", "name", *user.roles])
    return user


@transaction.atomic
def password_link(*, by: User, user: User, request: HttpRequest) -> str:
    """A link with which the user sets a password, once; good for PASSWORD_RESET_TIMEOUT."""
    ledger.record("make_password_link", by=by, on=user)
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "x", "key": "y"})
    return request.build_absolute_uri(path.replace("x-y", key))


def mail_invitation(*, user: User, link: str) -> None:
    send_mail(
        _("Your account on Plumbline"),
        _(
            "Hello %(name)s,\n\n%(company)s screens candidates with Plumbline and has made an "
            "account for you. Choose a password here; the link works once:\n\n%(link)s\n"
        )
        % {"name": user.name, "company": settings.COMPANY_NAME, "link": link},
        None,
        [user.email],
    )


@transaction.atomic
def update_user(*, by: User, user: User, **facts: Any) -> User:
    """Change name, roles or whether somebody may sign in; other rights end their sessions."""
    changed = [name for name in EDITABLE if name in facts and getattr(user, name) != facts[name]]
    if not changed:
        return user
    losing_admin = user.is_admin and not (
        facts.get("is_admin", True) and facts.get("is_active", True)
    )
    # All admins are held, so that two cannot take each other's place away at once.
    admins = User.objects.filter(is_admin=True, is_active=True).order_by("pk")
    if losing_admin and not {row.pk for row in admins.select_for_update()} - {user.pk}:
        raise Refused(_("This is the last admin. Make somebody else admin first."))
    for name in changed:
        setattr(user, name, facts[name])
    user.save(update_fields=[*changed, "updated_at"])
    if set(changed) - {"name"}:
        end_sessions(user=user)
    ledger.record("update_user", by=by, on=user, changed=changed)
    return user


def end_sessions(*, user: User) -> None:
    """Sign a user out everywhere."""
    for session in UserSession.objects.filter(user=user):
        session.end()


@transaction.atomic
def create_token(
    *,
    by: User,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    allowed_cidrs: Iterable[str] = (),
) -> tuple[ApiToken, str]:
    """Make a key for a REST client: `scr_<8 characters>_<43 base64url characters>`.

    Returns the row and the key itself, which is shown this once and kept nowhere.
    """
    unknown = set(scopes) - set(Scope.values)
    if unknown:
        raise Refused(_("There is no scope %(names)s.") % {"names": ", ".join(sorted(unknown))})
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    key = f"scr_{prefix}_{secret}"
    token = ApiToken.objects.create(
        name=name,
        prefix=prefix,
        digest=token_digest(key),
        scopes=sorted(scopes),
        allowed_cidrs=list(allowed_cidrs),
        created_by=by,
        expires_at=expires_at,
    )
    ledger.record("create_token", by=by, on=token, changed=["scopes"])
    return token, key


@transaction.atomic
def revoke_token(*, by: User, token: ApiToken) -> None:
    """End a key at once. The row stays, for the audit."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        ledger.record("revoke_token", by=by, on=token)


def token_digest(key: str) -> str:
    """What is stored of a key. 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
