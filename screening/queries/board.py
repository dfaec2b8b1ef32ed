"""The loop's candidates and where everybody stands; the list of all candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from candidates.models import Application, ApplicationStatus, Job
from screening.models import Assignment, AssignmentStatus, Decision, Loop, Mode, Stage
from screening.queries.standing import (
    STATES,
    Standing,
    Step,
    counts,
    open_to,
    owed_by,
    standings,
    with_standing,
)


@dataclass(frozen=True)
class BoardRow:
    standing: Standing
    cells: Sequence[Step | None]
    extra: int


@dataclass(frozen=True)
class Board:
    stages: Sequence[Stage]
    rows: Sequence[BoardRow]
    counts: dict[str, int]


def _row(standing: Standing, stages: Sequence[Stage]) -> BoardRow:
    by_stage = {step.assignment.stage_id: step for step in standing.steps}
    cells = [by_stage.get(stage.pk) for stage in stages]
    shown = sum(1 for cell in cells if cell)
    return BoardRow(standing, cells, len(standing.steps) - shown)


def board_of(user: User, loop: Loop) -> Board:
    """Everybody in the loop: in process first, those nearest to the end on top."""
    stages = list(loop.stages.order_by("position", "id"))
    applications = with_standing(open_to(user).filter(job=loop.job_id)).order_by("created_at", "id")
    found = standings(applications, owed=owed_by(user))
    in_process = ApplicationStatus.IN_PROCESS
    found.sort(key=lambda r: (r.application.status != in_process, -STATES.index(r.state)))
    active = [row for row in found if row.application.status == in_process]
    return Board(stages, [_row(row, stages) for row in found], counts(active))


def _in_state(user: User, state: str) -> Q:
    mine = Assignment.objects.live().filter(application=OuterRef("pk"))
    at_home = mine.filter(
        mode=Mode.TAKE_HOME,
        status__in=[AssignmentStatus.PLANNED, AssignmentStatus.INVITED, AssignmentStatus.WORKING],
    )
    decided = Q(Exists(Decision.objects.filter(application=OuterRef("pk"))))
    in_process = Q(status=ApplicationStatus.IN_PROCESS)
    # What is complete or decided stays "with the panel" for whoever still owes a scorecard.
    owes = Q(pk__in=owed_by(user))
    all_scored = Q(Exists(mine)) & ~Q(Exists(mine.exclude(status=AssignmentStatus.SCORED)))
    over = (decided | all_scored) & ~owes
    return {
        "unassigned": in_process & ~Q(Exists(mine)),
        "candidate": in_process & Q(Exists(at_home)) & ~over,
        "panel": in_process & Q(Exists(mine)) & ~Q(Exists(at_home)) & ~over,
        "complete": in_process & all_scored & ~decided & ~owes,
        "decided": decided & ~owes,
    }.get(state, Q(status=state))


def _matching(words: str) -> Q:
    """Every word must be found in the code, the name or the address."""
    return reduce(
        Q.__and__,
        (
            Q(code__iexact=word)
            | Q(candidate__first_name__icontains=word)
            | Q(candidate__last_name__icontains=word)
            | Q(candidate__preferred_name__icontains=word)
            | Q(candidate__email__icontains=word)
            | Q(job__title__icontains=word)
            for word in words.split()[:8]
        ),
        Q(),
    )


def candidate_rows(
    user: User, *, q: str = "", job: Job | None = None, state: str = ""
) -> QuerySet[Application]:
    """Applications of the jobs this user works on, the newest first."""
    found = open_to(user)
    if q:
        found = found.filter(_matching(q))
    if job is not None:
        found = found.filter(job=job)
    if state:
        found = found.filter(_in_state(user, state))
    return found.order_by("-created_at", "id")
