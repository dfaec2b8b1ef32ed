"""Since yesterday: the ledger's news of the jobs somebody works on, told by code and role."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Event, User
from candidates.models import Application, Job
from screening.models import Assignment, Conflict, Invitation, Loop, Scorecard
from screening.queries.standing import owed_by

VERBS = (
    "open_link",
    "hand_in",
    "submit_scorecard",
    "amend_rating",
    "decline_scorecard",
    "declare_conflict",
    "record_decision",
    "publish_loop",
    "close_loop",
)
# News of a panel's work: nothing for whoever still owes a scorecard there.
OF_THE_PANEL = frozenset(
    {"submit_scorecard", "amend_rating", "decline_scorecard", "declare_conflict", "record_decision"}
)
READ = 60


@dataclass(frozen=True)
class News:
    at: datetime
    verb: str
    by: User | None
    code: str
    title: str
    application_id: UUID | None
    loop_id: UUID | None = None
    outcome: str = ""


Told = tuple[UUID | None, str, str, UUID | None, str]


def _of_assignment(row: Assignment) -> Told:
    return row.application_id, row.application.code, row.title, None, ""


def _of_scorecard(row: Scorecard) -> Told:
    return _of_assignment(row.assignment)


def _of_invitation(row: Invitation) -> Told:
    return row.application_id, row.application.code, "", None, ""


def _of_application(row: Application) -> Told:
    """With its newest decision: an earlier one is no news beside it."""
    last = next(iter(row.decisions.all()), None)
    return row.pk, row.code, "", None, last.get_outcome_display() if last else ""


def _of_loop(row: Loop) -> Told:
    return None, "", str(row.job), row.pk, ""


SOURCES: dict[str, tuple[QuerySet[Any], Callable[[Any], Told]]] = {
    "assignment": (Assignment.objects.select_related("application"), _of_assignment),
    "scorecard": (
        Scorecard.objects.select_related("assignment__application").defer("fields"),
        _of_scorecard,
    ),
    "invitation": (Invitation.objects.select_related("application"), _of_invitation),
    "application": (Application.objects.prefetch_related("decisions"), _of_application),
    "loop": (Loop.objects.select_related("job__level"), _of_loop),
}


def _told(events: list[Event]) -> dict[UUID, Told]:
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for event in events:
        wanted[event.object_type].add(event.object_id)
    found: dict[UUID, Told] = {}
    for kind, (rows, tell) in SOURCES.items():
        found |= {row.pk: tell(row) for row in rows.filter(pk__in=wanted[kind])}
    return found


def since_yesterday(user: User, *, most: int = 6) -> list[News]:
    """The newest first; nothing of a panel the user is still part of, nothing under a conflict."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    jobs = Job.objects.managed_by(user).values("pk")
    events = list(
        Event.objects.filter(
            job_id__in=jobs, verb__in=VERBS, is_read=False, at__gte=midnight - timedelta(days=1)
        )
        .select_related("by")
        .order_by("-id")[:READ]
    )
    told = _told(events)
    owed = owed_by(user)
    closed = set(Conflict.objects.filter(user=user).values_list("application_id", flat=True))
    found = []
    for event in events:
        pk, code, title, loop_id, outcome = told.get(event.object_id, (None, "", "", None, ""))
        if not (code or loop_id) or pk in closed or (pk in owed and event.verb in OF_THE_PANEL):
            continue
        found.append(News(event.at, event.verb, event.by, code, title, pk, loop_id, outcome))
    return found[:most]
