"""Who may do what: one table, read by the views, the API and the test that walks every URL.

The columns are people in relation to a job or an application (`candidates.rules`, `screening.rules`
say who stands where):

before      on the panel, still owing a scorecard for this application
after       on the panel, all own scorecards for it submitted
off_panel   an interviewer without an assignment of it
manager     the job's hiring manager        recruiter   a recruiter of the job
other       a recruiter of other jobs       admin       an admin
member      anybody signed in               anyone      no account needed
author      who wrote or asked for the thing itself
authors     whom an admin lets write exercises and rubrics (`can_author`)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from accounts.models import User


@dataclass(frozen=True)
class Rule:
    who: frozenset[str]
    scope: str | None = None


def _rule(who: str, scope: str | None = None) -> Rule:
    return Rule(frozenset(who.split()), scope)


PANEL = "before after"
TEAM = "manager recruiter admin"

TABLE: dict[str, Rule] = {
    "frame.public": _rule("anyone"),
    "frame.home": _rule("member"),
    "account.own": _rule("member"),
    "candidate.workspace": _rule("anyone"),
    "job.read": _rule(f"{PANEL} {TEAM} other", "jobs:read"),
    "job.create": _rule("recruiter other admin", "jobs:write"),
    "job.edit": _rule(TEAM, "jobs:write"),
    "team.edit": _rule(TEAM),
    "loop.read": _rule(TEAM),
    "loop.edit": _rule(TEAM),
    "token.use": _rule("member"),
    "catalog.read": _rule(f"{PANEL} {TEAM} other", "catalog:read"),
    "exercise.read": _rule(f"{PANEL} {TEAM} other", "catalog:read"),
    "exercise.author": _rule("recruiter other manager admin authors"),
    "key.read": _rule(f"{PANEL} {TEAM} other"),
    "identity.read": _rule(TEAM, "candidates:read"),
    "candidate.write": _rule("recruiter admin", "candidates:write"),
    "application.read": _rule(TEAM, "applications:read"),
    "application.write": _rule("recruiter admin", "applications:write"),
    "link.manage": _rule("recruiter admin"),
    "panel.assign": _rule("recruiter admin"),
    "submission.read": _rule(f"{PANEL} {TEAM}", "screenings:read"),
    "time.extend": _rule("recruiter"),
    "inbox.read": _rule("before after off_panel manager recruiter other"),
    "scorecard.write": _rule("author"),
    "scorecard.amend": _rule("author"),
    "scorecard.read": _rule(f"after {TEAM}", "scorecards:read"),
    "results.read": _rule(f"after {TEAM}", "results:read"),
    "decision.record": _rule("manager recruiter"),
    "export.request": _rule(TEAM, "exports:write"),
    "export.read": _rule("author", "exports:read"),
    "csv.import": _rule("recruiter admin"),
    "user.read": _rule("admin", "users:read"),
    "user.manage": _rule("admin"),
    "token.manage": _rule("admin"),
    "demo.manage": _rule("admin"),
}

# Nobody who still owes a scorecard for an application learns anything of the others', whatever
# other roles they have.
BLIND = frozenset({"scorecard.read", "results.read", "decision.record", "export.request"})

ROLE_COLUMNS = {
    "is_recruiter": {"recruiter", "other"},
    "is_interviewer": {"before", "after", "off_panel"},
    "is_hiring_manager": {"manager"},
    "is_admin": {"admin"},
}


def allows(action: str, columns: Iterable[str]) -> bool:
    """Whether somebody standing in these columns may do this."""
    columns = set(columns)
    if action in BLIND and "before" in columns:
        return False
    return bool(TABLE[action].who & columns)


def role_columns(user: User) -> set[str]:
    """Every column this user could ever stand in."""
    found = {"member", "author"}
    for role in user.roles:
        found |= ROLE_COLUMNS[role]
    return found | {"authors"} if user.can_author else found


def reachable(action: str, user: User) -> bool:
    """Whether there can be an object at all on which this user may do this."""
    return bool(TABLE[action].who & (role_columns(user) | {"anyone"}))


View = Callable[..., HttpResponse]


def _sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("X-Autosave"):
        return JsonResponse(
            {"detail": _("Signed out: kept here, sign in in another tab.")}, status=401
        )
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = f"{resolve_url('account_login')}?next={request.path}"
        return response
    return redirect_to_login(request.get_full_path())


def guarded(action: str) -> Callable[[View], View]:
    """Marks a view with its row of the table and keeps out whoever could never stand in it.

    The view itself still fetches its object through `visible_to` and asks for the exact column.
    """
    rule = TABLE[action]

    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if "anyone" not in rule.who:
                if not request.user.is_authenticated:
                    return _sign_in(request)
                if not reachable(action, request.user):
                    raise Http404
            return view(request, *args, **kwargs)

        inner.rule = action  # type: ignore[attr-defined]
        return inner

    return wrap
