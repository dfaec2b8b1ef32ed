from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import reachable
from candidates.models import Job


@dataclass(frozen=True)
class Word:
    """One word of the frame: its page, and the row of the access table that page stands in."""

    name: str
    label: Any
    action: str


WORDS = (
    Word("home", _("Home"), "frame.home"),
    Word("loops", _("Loops"), "loop.read"),
    Word("candidates", _("Candidates"), "application.read"),
    Word("exercises", _("Exercises"), "exercise.read"),
    Word("debriefs", _("Debriefs"), "results.read"),
    Word("exports", _("Exports"), "export.request"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows: no word that leads to a page which is not there for you.

    Functions, so that a candidate's page, whose frame has no words, never asks who is signed in.
    """

    def words() -> list[Word]:
        user = request.user
        return [word for word in WORDS if _is_in(user) and reachable(word.action, user)]

    return {
        "company_name": settings.COMPANY_NAME,
        "time_zone_name": settings.TIME_ZONE,
        "words": words,
        "can_search": lambda: any(word.name == "candidates" for word in words()),
        "shows_demo": lambda: _is_in(request.user) and _shows_demo(request.user),
    }


def _is_in(user: User | AnonymousUser) -> bool:
    return user.is_authenticated


def _shows_demo(user: User) -> bool:
    """The demo's own people and admins are told while there is one."""
    return (user.is_demo or user.is_admin) and Job.objects.filter(is_demo=True).exists()
