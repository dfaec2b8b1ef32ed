"""A candidate's link, and the time they have."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from candidates.models import Application, ApplicationStatus
from lib.errors import Refused
from screening.models import (
    Assignment,
    AssignmentStatus,
    Invitation,
    LinkToken,
    Loop,
    Mode,
)
from screening.tokens import digest, new_secret

DEFAULT_DAYS = 14
MAX_DAYS = 90
MAX_EXTRA = 240


def _invitable(application: Application) -> Application:
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
    if not application.assignments.live().filter(mode=Mode.TAKE_HOME).exists():
        raise Refused(_("There is nothing to do at home yet. Assign the loop first."))
    return application


def _live_invitation(application: Application) -> Invitation:
    loop = Loop.objects.filter(job=application.job_id).first()
    expires_at = timezone.now() + timedelta(days=loop.link_days if loop else DEFAULT_DAYS)
    invitation, is_new = Invitation.objects.get_or_create(
        application=application, defaults={"expires_at": expires_at}
    )
    if not is_new and not invitation.is_live:
        invitation.expires_at = expires_at
        invitation.revoked_at = None
        invitation.save(update_fields=["expires_at", "revoked_at", "updated_at"])
    return invitation


@transaction.atomic
def make_link(*, by: User | None, application: Application) -> str:
    """A fresh secret for the candidate's link; earlier ones work until they end or are revoked."""
    application = _invitable(application)
    invitation = _live_invitation(application)
    secret = new_secret()
    LinkToken.objects.create(invitation=invitation, digest=digest(secret), created_by=by)
    application.assignments.filter(status=AssignmentStatus.PLANNED, mode=Mode.TAKE_HOME).update(
        status=AssignmentStatus.INVITED, updated_at=timezone.now()
    )
    ledger.record("make_link", by=by, on=invitation, job=application.job)
    return secret


def _invitation_of(application: Application) -> Invitation:
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("application__job")
        .filter(application=application)
        .first()
    )
    if invitation is None:
        raise Refused(_("This candidate has no link yet. Copy one first."))
    return invitation


@transaction.atomic
def extend_link(
    *, by: User | None, application: Application, days: int = 3, until: datetime | None = None
) -> Invitation:
    """Let the link work longer: to `until` (safe to ask twice), or by days from its end or now."""
    invitation = _invitation_of(application)
    if invitation.revoked_at is not None:
        raise Refused(_("This link was revoked. Copy a new one instead."))
    now = timezone.now()
    until = until or max(invitation.expires_at, now) + timedelta(days=days)
    if not now < until <= now + timedelta(days=MAX_DAYS):
        raise Refused(
            _("A link can work for at most %(days)d days from today.") % {"days": MAX_DAYS},
            code="validation",
        )
    if until > invitation.expires_at:
        invitation.expires_at = until
        invitation.save(update_fields=["expires_at", "updated_at"])
        ledger.record(
            "extend_link",
            by=by,
            on=invitation,
            job=invitation.application.job,
            changed=["expires_at"],
        )
    return invitation


@transaction.atomic
def revoke_link(*, by: User | None, application: Application) -> Invitation:
    """End every link given out for this application. What the candidate wrote is kept."""
    invitation = _invitation_of(application)
    # The secrets go: a new link later must not bring the old ones back.
    invitation.tokens.all().delete()
    if invitation.revoked_at is None:
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at", "updated_at"])
        ledger.record(
            "revoke_link",
            by=by,
            on=invitation,
            job=invitation.application.job,
            changed=["revoked_at"],
        )
    return invitation


@transaction.atomic
def extend_time(
    *,
    by: User | None,
    assignment: Assignment,
    minutes: int,
    reason: str,
    expected: int | None = None,
) -> Assignment:
    """Give a candidate more minutes, with a reason; `expected` is the extra time seen when asking,
    so that a double click counts once.
    """
    if not reason.strip():
        raise Refused(_("Say why: the reason is kept with the record."), code="validation")
    if not 1 <= minutes <= MAX_EXTRA:
        raise Refused(
            _("Give between 1 and %(most)d minutes.") % {"most": MAX_EXTRA}, code="validation"
        )
    open_ones = Assignment.objects.filter(
        pk=assignment.pk,
        status__in=[AssignmentStatus.PLANNED, AssignmentStatus.INVITED, AssignmentStatus.WORKING],
    )
    here = open_ones if expected is None else open_ones.filter(extra_minutes=expected)
    changed = here.filter(extra_minutes__lte=MAX_EXTRA - minutes).update(
        extra_minutes=F("extra_minutes") + minutes, updated_at=timezone.now()
    )
    assignment = Assignment.objects.select_related("application__job").get(pk=assignment.pk)
    if changed:
        ledger.record(
            "extend_time",
            by=by,
            on=assignment,
            job=assignment.application.job,
            changed=["extra_minutes"],
            reason=reason.strip(),
        )
    elif not open_ones.exists():
        raise Refused(_("This work is handed in; its clock has stopped."))
    elif expected is None or assignment.extra_minutes == expected:
        raise Refused(_("More than %(most)d extra minutes cannot be given.") % {"most": MAX_EXTRA})
    return assignment
