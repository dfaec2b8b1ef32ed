"""One application with its stages, panels and link, as this viewer may know them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from candidates.models import Application
from screening.models import Conflict, Loop, Mode, Scorecard, Stage
from screening.queries.panel import Proposal, fit_interviewers
from screening.queries.standing import Standing, Step, owed_by, standing, with_standing

EXTEND = timedelta(days=3)


@dataclass(frozen=True)
class StepPage:
    """A stage given to the application, and who else could judge it."""

    step: Step
    proposals: Sequence[Proposal]


@dataclass(frozen=True)
class ApplicationPage:
    application: Application
    standing: Standing
    steps: Sequence[StepPage]
    conflicts: Sequence[Conflict]
    loop: Loop | None
    missing_stages: Sequence[Stage]
    extend_to: datetime | None

    @property
    def has_take_home(self) -> bool:
        return any(row.step.assignment.mode == Mode.TAKE_HOME for row in self.steps)


def _asked(application: Application) -> set[tuple[UUID, UUID]]:
    """Everybody ever asked, per assignment: who declined is not asked again."""
    return set(
        Scorecard.objects.filter(assignment__application=application).values_list(
            "assignment_id", "interviewer_id"
        )
    )


def extended(expires_at: datetime) -> datetime:
    """Where "Extend 3 days" leads: three days from its end, or from today once it has ended."""
    return max(expires_at, timezone.now()) + EXTEND


def page_of(user: User, application: Application) -> ApplicationPage:
    """Everything its page shows, at a constant number of queries."""
    owed = owed_by(user)
    row = with_standing(Application.objects.filter(pk=application.pk)).get()
    found = standing(row, owed=owed)
    fit = fit_interviewers(application, owed=owed)
    asked = _asked(application)
    loop = Loop.objects.filter(job=application.job_id).first()
    given = {step.assignment.stage_id for step in found.steps}
    stages = loop.stages.all() if loop and loop.status == "published" and found.steps else []
    link = found.invitation
    return ApplicationPage(
        application=row,
        standing=found,
        steps=[
            StepPage(step, [p for p in fit if (step.assignment.pk, p.user.pk) not in asked])
            for step in found.steps
        ],
        conflicts=list(application.conflicts.select_related("user")),
        loop=loop,
        missing_stages=[stage for stage in stages if stage.pk not in given],
        extend_to=extended(link.expires_at) if link and link.revoked_at is None else None,
    )
