"""Stages given to applications, and who judges them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from candidates.actions.people import set_application_status
from candidates.models import Application, ApplicationStatus, TeamMember
from lib.errors import Refused
from screening.models import (
    Assignment,
    AssignmentStatus,
    Conflict,
    Invitation,
    LinkToken,
    Loop,
    LoopStatus,
    Mode,
    Scorecard,
    ScorecardStatus,
    Stage,
)
from screening.queries.panel import has_read_results

REMIND_AGAIN_AFTER = timedelta(hours=12)
OPEN = (AssignmentStatus.PLANNED, AssignmentStatus.INVITED, AssignmentStatus.WORKING)


def _published_loop(application: Application) -> Loop:
    loop = Loop.objects.filter(job=application.job_id).select_related("rubric_version").first()
    if loop is None or loop.status == LoopStatus.DRAFT:
        raise Refused(_("Publish the loop of this job first."))
    if loop.status == LoopStatus.CLOSED:
        raise Refused(_("The loop of this job is closed. Publish it again to assign it."))
    return loop


def _locked(application: Application) -> Application:
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("job")
        .get(pk=application.pk)
    )
    if application.status != ApplicationStatus.IN_PROCESS:
        raise Refused(
            _("This application is %(status)s. Set it to “in process” first.")
            % {"status": application.get_status_display()}
        )
    return application


def _has_live_link(application: Application) -> bool:
    invitation = Invitation.objects.filter(application=application).first()
    return invitation is not None and invitation.is_live


def _pinned(application: Application, stage: Stage, loop: Loop, *, has_link: bool) -> Assignment:
    is_invited = stage.mode == Mode.TAKE_HOME and has_link
    return Assignment(
        application=application,
        stage=stage,
        position=stage.position,
        title=stage.title,
        exercise_version=stage.exercise_version,
        rubric_version=loop.rubric_version,
        criteria=list(stage.criteria),
        mode=stage.mode,
        minutes=stage.minutes,
        interviewers_needed=stage.interviewers_needed,
        status=AssignmentStatus.INVITED if is_invited else AssignmentStatus.PLANNED,
    )


@transaction.atomic
def assign_loop(*, by: User | None, application: Application) -> list[Assignment]:
    """Give an application the loop as it is now, once; asked again, what it has is answered."""
    application = _locked(application)
    have = list(application.assignments.live().order_by("position"))
    if have:
        return have
    loop = _published_loop(application)
    has_link = _has_live_link(application)
    made = [_pinned(application, stage, loop, has_link=has_link) for stage in loop.stages.all()]
    Assignment.objects.bulk_create(made)
    ledger.record("assign_loop", by=by, on=application, job=application.job)
    return made


@transaction.atomic
def assign_stage(*, by: User | None, application: Application, stage: Stage) -> Assignment:
    """Give an application one more stage of its loop: for another round, or one added later."""
    application = _locked(application)
    have = application.assignments.live().filter(stage=stage).first()
    if have:
        return have
    loop = _published_loop(application)
    if stage.loop_id != loop.pk:
        raise Refused(_("That stage belongs to another loop."), code="validation")
    last = application.assignments.live().aggregate(last=Max("position"))["last"] or 0
    made = _pinned(application, stage, loop, has_link=_has_live_link(application))
    made.position = last + 1
    made.save(force_insert=True)
    ledger.record("assign_stage", by=by, on=made, job=application.job)
    return made


def _refuse_unfit(assignment: Assignment, interviewer: User) -> None:
    application = assignment.application
    if Conflict.objects.filter(application=application, user=interviewer).exists():
        raise Refused(_("%(name)s is too close to this candidate.") % {"name": interviewer.name})
    on_team = TeamMember.objects.filter(job=application.job_id, user=interviewer).exists()
    if not (interviewer.is_active and on_team):
        raise Refused(
            _("%(name)s is not on this job's team: add them there first.")
            % {"name": interviewer.name}
        )
    if has_read_results(user=interviewer, application=application):
        raise Refused(
            _("%(name)s has read scorecards of this candidate and cannot judge blind any more.")
            % {"name": interviewer.name}
        )


def due_at(assignment: Assignment, *, now: datetime) -> datetime | None:
    """When a scorecard falls due: counted from the hand-in; open until then for a take-home."""
    loop = Loop.objects.filter(job=assignment.application.job_id).first()
    days = timedelta(days=loop.scorecard_days if loop else 3)
    if assignment.mode == Mode.LIVE:
        return now + days
    if assignment.handed_in_at is None:
        return None
    return max(assignment.handed_in_at, now) + days


def set_due_dates(*, assignment: Assignment) -> None:
    """Call inside the hand-in: from here on the panel's scorecards are due."""
    Scorecard.objects.filter(
        assignment=assignment, status=ScorecardStatus.DRAFT, due_at=None
    ).update(due_at=due_at(assignment, now=timezone.now()))


@transaction.atomic
def assign_interviewer(*, by: User | None, assignment: Assignment, interviewer: User) -> Scorecard:
    """Put somebody on the panel of an assignment; asked twice, it is the same scorecard."""
    # Held, so that a hand-in or the last submission of the panel comes before this or after it.
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("application__job")
    assignment = rows.get(pk=assignment.pk)
    if assignment.status == AssignmentStatus.CANCELLED:
        raise Refused(_("This stage was cancelled for this candidate."))
    have = Scorecard.objects.filter(assignment=assignment, interviewer=interviewer).first()
    if have and have.status != ScorecardStatus.DECLINED:
        return have
    if have:
        raise Refused(_("%(name)s has declined this scorecard.") % {"name": interviewer.name})
    _refuse_unfit(assignment, interviewer)
    try:
        with transaction.atomic():
            scorecard = Scorecard.objects.create(
                assignment=assignment,
                interviewer=interviewer,
                due_at=due_at(assignment, now=timezone.now()),
            )
    except IntegrityError:  # a double click got there first
        return Scorecard.objects.get(assignment=assignment, interviewer=interviewer)
    # A third look opens a panel again that was complete.
    Assignment.objects.filter(pk=assignment.pk, status=AssignmentStatus.SCORED).update(
        status=AssignmentStatus.HANDED_IN
    )
    ledger.record("assign_interviewer", by=by, on=scorecard, job=assignment.application.job)
    return scorecard


def settle(*, by: User | None, assignment: Assignment) -> bool:
    """An assignment whose whole panel has submitted is scored."""
    panel = Scorecard.objects.filter(assignment=assignment)
    if panel.filter(status=ScorecardStatus.DRAFT).exists() or not panel.submitted().exists():
        return False
    scored = (
        Assignment.objects.filter(pk=assignment.pk)
        .exclude(status__in=[AssignmentStatus.SCORED, AssignmentStatus.CANCELLED])
        .update(status=AssignmentStatus.SCORED, updated_at=timezone.now())
    )
    if scored:
        job = assignment.application.job
        ledger.record("score_assignment", by=by, on=assignment, job=job, changed=["status"])
    return bool(scored)


@transaction.atomic
def unassign_interviewer(*, by: User | None, scorecard: Scorecard, reason: str = "") -> None:
    """Take somebody off a panel before they submit; what they wrote is kept, as declined."""
    here = Scorecard.objects.filter(pk=scorecard.pk, status=ScorecardStatus.DRAFT)
    is_started = Q(started_at__isnull=False) | ~Q(fields={})
    now = timezone.now()
    if not (
        here.filter(is_started).update(status=ScorecardStatus.DECLINED, declined_at=now)
        or here.exclude(is_started).delete()[0]
    ):
        if Scorecard.objects.filter(pk=scorecard.pk, status=ScorecardStatus.SUBMITTED).exists():
            raise Refused(_("This scorecard is submitted and stays."))
        return
    settle(by=by, assignment=scorecard.assignment)
    ledger.record(
        "unassign_interviewer",
        by=by,
        on=scorecard,
        job=scorecard.assignment.application.job,
        reason=reason,
    )


@transaction.atomic
def declare_conflict(*, by: User, application: Application, reason: str) -> Conflict:
    """Somebody is too close to a candidate: their access to the application ends at once."""
    if not reason.strip():
        raise Refused(_("Say in a few words why, for the record."), code="validation")
    conflict, is_new = Conflict.objects.get_or_create(
        application=application, user=by, defaults={"reason": reason.strip()}
    )
    drafts = Scorecard.objects.filter(
        assignment__application=application, interviewer=by, status=ScorecardStatus.DRAFT
    )
    assignments = [row.assignment for row in drafts.select_related("assignment")]
    drafts.update(status=ScorecardStatus.DECLINED, declined_at=timezone.now())
    for assignment in assignments:
        settle(by=by, assignment=assignment)
    if is_new:
        ledger.record("declare_conflict", by=by, on=application, job=application.job, reason=reason)
    return conflict


def _send_reminder(scorecard: Scorecard, link: str) -> None:
    assignment = scorecard.assignment
    body = render_to_string(
        "emails/reminder.txt",
        {
            "name": scorecard.interviewer.get_short_name(),
            "code": assignment.application.code,
            "title": assignment.title,
            "due_at": scorecard.due_at,
            "link": link,
        },
    )
    send_mail(
        _("Scorecard for %(code)s") % {"code": assignment.application.code},
        body,
        settings.DEFAULT_FROM_EMAIL,
        [scorecard.interviewer.email],
    )


@transaction.atomic
def remind(*, by: User | None, scorecard: Scorecard, link: str = "") -> Scorecard:
    """Mail an interviewer who owes a scorecard, at most twice a day."""
    now = timezone.now()
    changed = (
        Scorecard.objects.filter(pk=scorecard.pk, status=ScorecardStatus.DRAFT)
        .exclude(assignment__status=AssignmentStatus.CANCELLED)
        .filter(Q(reminded_at=None) | Q(reminded_at__lt=now - REMIND_AGAIN_AFTER))
        .update(reminded_at=now)
    )
    scorecard = Scorecard.objects.select_related("interviewer", "assignment__application__job").get(
        pk=scorecard.pk
    )
    if not changed:
        if scorecard.status == ScorecardStatus.DRAFT and scorecard.reminded_at:
            raise Refused(
                _("%(name)s was reminded less than 12 hours ago.")
                % {"name": scorecard.interviewer.name}
            )
        raise Refused(_("Nothing is owed here any more."))
    ledger.record("remind", by=by, on=scorecard, job=scorecard.assignment.application.job)
    transaction.on_commit(lambda: _send_reminder(scorecard, link), robust=True)
    return scorecard


def _keep_what_was_judged(*, by: User | None, application: Application, now: datetime) -> None:
    """Where somebody of a panel has submitted, that counts on; the others owe nothing any more."""
    rows = application.assignments.exclude(
        status__in=[AssignmentStatus.SCORED, AssignmentStatus.CANCELLED]
    )
    list(rows.order_by("pk").select_for_update(of=("self",)))
    submitted = Scorecard.objects.submitted().filter(assignment=OuterRef("pk"))
    for assignment in list(rows.filter(Exists(submitted)).select_related("application__job")):
        Scorecard.objects.filter(assignment=assignment, status=ScorecardStatus.DRAFT).update(
            status=ScorecardStatus.DECLINED, declined_at=now, updated_at=now
        )
        settle(by=by, assignment=assignment)


@transaction.atomic
def end_application(
    *, by: User | None, application: Application, status: str, reason: str = ""
) -> Application:
    """Set the status, and free everybody from what is then no longer owed."""
    application = set_application_status(
        by=by, application=application, status=status, reason=reason
    )
    close_screenings(by=by, application=application, reason=reason)
    return application


@transaction.atomic
def close_screenings(*, by: User | None, application: Application, reason: str = "") -> None:
    """Nothing is owed for an application out of process, whoever set its status; safe twice."""
    if application.status == ApplicationStatus.IN_PROCESS:
        return
    now = timezone.now()
    _keep_what_was_judged(by=by, application=application, now=now)
    open_ones = application.assignments.exclude(
        status__in=[AssignmentStatus.SCORED, AssignmentStatus.CANCELLED]
    )
    if open_ones.update(status=AssignmentStatus.CANCELLED, updated_at=now):
        ledger.record(
            "cancel_assignments", by=by, on=application, job=application.job, reason=reason
        )
    # The secrets go too: a new link later must not bring the old ones back.
    LinkToken.objects.filter(invitation__application=application).delete()
    Invitation.objects.filter(application=application, revoked_at=None).update(revoked_at=now)
