"""Which debriefs there are for somebody, and where each stands.

Whoever owes a scorecard for an application is told of it just that: no count, no date, no decision,
and no place in an order that would give one away (the list goes by the day of application).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from candidates.models import Application, ApplicationStatus, Job
from screening.models import AssignmentStatus, Decision, Scorecard, ScorecardStatus
from screening.queries.decisions import newest
from screening.queries.results_open import Panel, panels
from screening.queries.standing import open_to, owed_by

# More candidates than this are no comparison any more; those around the current one stay.
COMPARED = 40


def _due(user: User | None = None) -> QuerySet[Scorecard]:
    """Scorecards that were asked for, by application."""
    found = (
        Scorecard.objects.filter(assignment__application=OuterRef("pk"))
        .exclude(status=ScorecardStatus.DECLINED)
        .exclude(assignment__status=AssignmentStatus.CANCELLED)
    )
    return found.filter(interviewer=user) if user else found


def readable(user: User) -> QuerySet[Application]:
    """Applications whose results this user may read once open: managed, or judged by themselves.

    Who still owes a scorecard, or has declared a conflict, is out whatever their roles.
    """
    judged = _due(user).filter(status=ScorecardStatus.SUBMITTED, is_abstention=False)
    owes = _due(user).filter(status=ScorecardStatus.DRAFT)
    return (
        Application.objects.filter(Q(pk__in=open_to(user).values("pk")) | Exists(judged))
        .exclude(conflicts__user=user)
        .exclude(Exists(owes))
    )


def listed(user: User) -> QuerySet[Application]:
    """Those readable, and those this user owes a scorecard for, once a panel was asked."""
    mine = Q(pk__in=readable(user).values("pk")) | Q(pk__in=owed_by(user))
    return (
        Application.objects.filter(mine, Exists(_due()))
        .exclude(conflicts__user=user)
        .select_related("job__level")
    )


def jobs(user: User) -> QuerySet[Job]:
    return Job.objects.filter(pk__in=listed(user).values("job")).select_related("level")


@dataclass(frozen=True)
class Row:
    """One application; `panel` and `decision` are None for whoever still owes a scorecard."""

    application: Application
    panel: Panel | None
    decision: Decision | None

    @property
    def state(self) -> str:
        if self.panel is None:
            return "blind"
        if self.decision is not None:
            return "decided"
        return "open" if self.panel.is_open else "waiting"

    @property
    def count(self) -> str:
        if self.panel is None:
            return ""
        return _("%(n)d of %(m)d") % {"n": self.panel.submitted, "m": self.panel.due}

    @property
    def opens_at(self) -> datetime | None:
        """At the latest, if somebody has submitted by then and every missing one has a date."""
        if self.panel is None or self.panel.is_open:
            return None
        dates = [at for at in self.panel.missing if at is not None]
        return max(dates, default=None) if len(dates) == len(self.panel.missing) else None


def rows(applications: Sequence[Application], user: User) -> list[Row]:
    owed = owed_by(user)
    known = [application for application in applications if application.pk not in owed]
    standing = panels(known)
    decided = newest(standing)
    return [Row(a, standing.get(a.pk), decided.get(a.pk)) for a in applications]


def compared(application: Application, user: User) -> tuple[list[Application], dict[UUID, Panel]]:
    """Open debriefs of the same job that this user may read, by code, with their panels.

    Those out of the process are left out, but for the one looked at.
    """
    same_job = readable(user).filter(
        Q(status=ApplicationStatus.IN_PROCESS) | Q(pk=application.pk), job=application.job_id
    )
    found = list(same_job.select_related("job__level", "candidate").order_by("code"))
    standing = panels(found)
    shown = [a for a in found if standing[a.pk].is_open]
    return around(shown, application), standing


def around(found: list[Application], application: Application) -> list[Application]:
    if len(found) <= COMPARED:
        return found
    at = next((n for n, a in enumerate(found) if a.pk == application.pk), 0)
    first = min(max(at - COMPARED // 2, 0), len(found) - COMPARED)
    return found[first : first + COMPARED]


def beside(
    found: Iterable[Application], application: Application
) -> tuple[Application | None, Application | None]:
    """The candidates before and after this one."""
    order = list(found)
    at = next((n for n, a in enumerate(order) if a.pk == application.pk), None)
    if at is None:
        return None, None
    before = order[at - 1] if at else None
    return before, order[at + 1] if at + 1 < len(order) else None
