"""A candidate's work as the database has it now, and what is said when it is closed."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from exercises.models import ExerciseVersion
from lib.errors import Refused
from screening.actions.assignments import set_due_dates
from screening.actions.transcript_fields import redact
from screening.models import Assignment, AssignmentStatus, Invitation, Mode, Submission
from screening.queries.candidate import without_key


class OtherDevice(Refused):
    """The candidate went on elsewhere; what came from here is kept as a version."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You continued on another device. What was typed here is kept;"
                " reload the page to continue here."
            ),
            code="other_device",
        )


def ended() -> Refused:
    return Refused(
        _(
            "Your link has ended. What was saved is handed in as it is; what is not, stays on this"
            " device. Ask whoever sent you the link if you need it open again."
        ),
        code="ended",
    )


def locked_work(*, invitation: Invitation, assignment: Assignment) -> Submission:
    """The work with its assignment, exercise and invitation, held until the transaction ends."""
    work = (
        Submission.objects.select_for_update(of=("self",))
        .select_related(
            "assignment__exercise_version", "assignment__application__invitation__application__job"
        )
        .defer(*without_key("assignment__exercise_version__"))
        .filter(assignment=assignment, assignment__application=invitation.application_id)
        .first()
    )
    if work is None:
        raise Refused(_("Start this exercise first; its clock is not running."), code="not_started")
    return work


def version_of(work: Submission) -> ExerciseVersion:
    version = work.assignment.exercise_version
    if version is None:
        raise Refused(_("This stage is a conversation; nothing is written for it."))
    return version


def refuse_unless_open(work: Submission) -> None:
    assignment = work.assignment
    if assignment.status != AssignmentStatus.WORKING or work.sealed_at is not None:
        raise Refused(_("This exercise is handed in and can no longer be changed."), code="sealed")
    if not assignment.application.invitation.is_live:
        raise ended()


def seal(work_or_none: Submission | None, *, assignment: Assignment, at: datetime) -> bool:
    """Close the work as it stands; False if somebody was faster."""
    closed = Assignment.objects.filter(pk=assignment.pk, status=AssignmentStatus.WORKING).update(
        status=AssignmentStatus.HANDED_IN, handed_in_at=at, updated_at=timezone.now()
    )
    if not closed:
        return False
    assignment.status, assignment.handed_in_at = AssignmentStatus.HANDED_IN, at
    Submission.objects.filter(assignment=assignment).update(sealed_at=at, updated_at=timezone.now())
    if work_or_none is not None:
        work_or_none.sealed_at = at
    redact(assignment=assignment)
    set_due_dates(assignment=assignment)
    ledger.record("hand_in", by=None, on=assignment, job=assignment.application.job)
    return True


@transaction.atomic
def seal_expired(*, assignments: QuerySet[Assignment] | None = None) -> int:
    """Close begun work whose link has ended, as of that moment. Safe to call before any read."""
    now = timezone.now()
    begun = (Assignment.objects.all() if assignments is None else assignments).filter(
        status=AssignmentStatus.WORKING,
        mode=Mode.TAKE_HOME,
        application__invitation__expires_at__lte=now,
        application__invitation__revoked_at=None,
    )
    return sum(
        seal(None, assignment=row, at=row.application.invitation.expires_at)
        for row in begun.select_related("application__job", "application__invitation")
    )
