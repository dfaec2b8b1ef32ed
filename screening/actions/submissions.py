"""What a candidate does with their link: open, agree, start, write, hand in. No account."""

import hashlib
import json
import uuid
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from candidates.models import ApplicationStatus
from exercises.models import AiPolicy
from lib import autosave
from lib.errors import Refused
from screening.actions.candidate_fields import MAX_VALUE, Allowed
from screening.actions.candidate_files import attach_file, attach_piece, remove_file
from screening.actions.candidate_work import (
    OtherDevice,
    ended,
    locked_work,
    refuse_unless_open,
    seal,
    seal_expired,
    version_of,
)
from screening.models import (
    Assignment,
    AssignmentStatus,
    Attachment,
    Invitation,
    Submission,
)
from screening.queries.candidate import openable
from screening.queries.late import moment

__all__ = [
    "OtherDevice",
    "attach_piece",
    "attach_transcript",
    "consent",
    "fingerprint",
    "hand_in",
    "open_link",
    "remove_file",
    "save_work",
    "seal_expired",
    "start",
    "take_over",
]


@transaction.atomic
def open_link(*, secret: str, device: str) -> Invitation:
    """The candidate goes on with this device; the one before may write no more."""
    invitation = openable(secret)
    if invitation is None:
        raise ended()
    return take_over(invitation=invitation, device=device)


@transaction.atomic
def take_over(*, invitation: Invitation, device: str) -> Invitation:
    """Make this the one device that writes. Asked again by the same one, nothing changes."""
    if invitation.device == device:
        return invitation
    now = timezone.now()
    here = Invitation.objects.filter(pk=invitation.pk, revoked_at=None, expires_at__gt=now)
    if not here.update(device=device, updated_at=now):
        raise ended()
    is_first = here.filter(opened_at=None).update(opened_at=now)
    invitation.device = device
    invitation.opened_at = now if is_first else invitation.opened_at
    ledger.record(
        "open_link" if is_first else "change_device",
        by=None,
        on=invitation,
        job=invitation.application.job,
        changed=["device"],
    )
    return invitation


@transaction.atomic
def consent(*, invitation: Invitation) -> Invitation:
    """The candidate has read what is judged and when their data is deleted. Once is enough."""
    now = timezone.now()
    here = Invitation.objects.filter(pk=invitation.pk, consented_at=None)
    if here.update(consented_at=now, updated_at=now):
        invitation.consented_at = now
        job = invitation.application.job
        ledger.record("consent", by=None, on=invitation, job=job, changed=["consented_at"])
    return invitation


@transaction.atomic
def start(*, invitation: Invitation, assignment: Assignment) -> Assignment:
    """Start this exercise's clock, by the server's time; a second press does not restart it."""
    if invitation.consented_at is None:
        raise Refused(_("Read and accept the page before first."), code="consent")
    if not invitation.is_live or invitation.application.status != ApplicationStatus.IN_PROCESS:
        raise ended()
    now = timezone.now()
    started = Assignment.objects.filter(
        pk=assignment.pk,
        application=invitation.application_id,
        status=AssignmentStatus.INVITED,
    ).update(status=AssignmentStatus.WORKING, started_at=now, updated_at=now)
    assignment.refresh_from_db(fields=["status", "started_at", "handed_in_at"])
    if assignment.started_at is None:
        raise Refused(_("This exercise is not open to you yet."), code="not_open")
    if started:
        Submission.objects.get_or_create(assignment=assignment)
        ledger.record("start_assignment", by=None, on=assignment, job=invitation.application.job)
    return assignment


def save_work(
    *, invitation: Invitation, assignment: Assignment, ops: Any, device: str | None = None
) -> list[dict[str, Any]]:
    """Apply the candidate's ops and say what became of each (see `lib.autosave`).

    `device` is the one that asks. From any but the active one the work stays as it is, the texts
    are kept as versions beside it, and `OtherDevice` says so.
    """
    autosave.check(ops)
    with transaction.atomic():
        work = locked_work(invitation=invitation, assignment=assignment)
        refuse_unless_open(work)
        allowed = Allowed(version_of(work), work.fields)
        now = timezone.now()
        is_active = device in (None, work.assignment.application.invitation.device)
        if is_active:
            fields, answers = autosave.apply(
                work.fields, ops, at=now, by="", allowed=allowed, max_value=MAX_VALUE
            )
            _tell_when_written(fields, ops, work.assignment, now)
        else:
            fields = autosave.set_aside(work.fields, ops, at=now, allowed=allowed)
        if fields != work.fields:
            Submission.objects.filter(pk=work.pk).update(fields=fields, updated_at=now)
    if not is_active:
        raise OtherDevice
    return answers


def _tell_when_written(
    fields: autosave.Fields, ops: Any, assignment: Assignment, now: datetime
) -> None:
    """What comes after the end also keeps when the device says that it was written."""
    if assignment.ends_at is None or now <= assignment.ends_at:
        return
    for op in ops:
        entry, written = fields.get(op["field"], {}), moment(op.get("at"))
        if written and entry.get("op") == op["id"]:
            entry["written"] = written.isoformat()


def attach_transcript(
    *,
    invitation: Invitation,
    assignment: Assignment,
    text: str | None = None,
    upload: UploadedFile | None = None,
    device: str | None = None,
) -> Attachment | None:
    """Keep the conversation with an AI: a file beside the work, or text in its own field."""
    if upload is not None:
        return attach_file(invitation=invitation, assignment=assignment, upload=upload)
    work = Submission.objects.filter(assignment=assignment).first()
    op = {
        "field": "transcript",
        "value": text or "",
        "base_rev": work.fields.get("transcript", {}).get("rev", 0) if work else 0,
        "id": str(uuid.uuid4()),
        "resolve": True,
    }
    [answer] = save_work(invitation=invitation, assignment=assignment, ops=[op], device=device)
    if answer["status"] == "invalid":
        raise Refused(answer["message"], code="validation")
    return None


def fingerprint(work: Submission) -> str:
    """Names this state of the work: another after every change."""
    revisions = sorted(autosave.revisions(work.fields).items())
    return hashlib.sha256(json.dumps(revisions).encode()).hexdigest()[:16]


@transaction.atomic
def hand_in(
    *,
    invitation: Invitation,
    assignment: Assignment,
    seen: str | None = None,
    no_ai: bool = False,
) -> Assignment:
    """Close the work for good, late or not. Asked twice, it is the same receipt.

    `seen` is the fingerprint of what the candidate looked at: where it has moved, nothing closes.
    `no_ai` states that no AI was used.
    """
    work = locked_work(invitation=invitation, assignment=assignment)
    row = work.assignment
    if row.status in {AssignmentStatus.HANDED_IN, AssignmentStatus.SCORED}:
        return row
    if row.status != AssignmentStatus.WORKING or row.application.invitation.revoked_at is not None:
        raise ended()
    if not row.application.invitation.is_live:
        seal(work, assignment=row, at=row.application.invitation.expires_at)
        return row
    if seen is not None and seen != fingerprint(work):
        raise Refused(
            _("Something was changed in another window since you looked. Look again, then submit."),
            code="moved",
        )
    if no_ai:
        _state_no_ai(work)
    _refuse_without_transcript(work)
    seal(work, assignment=row, at=timezone.now())
    return row


def _state_no_ai(work: Submission) -> None:
    op = {
        "field": "ai_used",
        "value": "none",
        "base_rev": work.fields.get("ai_used", {}).get("rev", 0),
        "id": str(uuid.uuid4()),
    }
    work.fields, _answers = autosave.apply(
        work.fields, [op], at=timezone.now(), by="", allowed=Allowed(version_of(work))
    )
    Submission.objects.filter(pk=work.pk).update(fields=work.fields)


def _refuse_without_transcript(work: Submission) -> None:
    if version_of(work).ai_policy != AiPolicy.TRANSCRIPT_REQUIRED:
        return
    is_there = (work.value("transcript") or "").strip() or work.value("ai_used") == "none"
    if not is_there and not work.attachments.filter(purpose="transcript").exists():
        raise Refused(
            _(
                "Add your conversation with the AI, as text or file,"
                " or state that you used none. Nothing is handed in yet."
            ),
            code="transcript",
        )
