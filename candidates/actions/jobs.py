"""Openings and who works on them."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from candidates.models import Job, TeamMember, TeamRole
from lib.errors import Refused
from rubrics.models import Level

FACTS = frozenset(
    {
        "title",
        "level",
        "department",
        "requirements",
        "status",
        "is_confidential",
        "recruiter_decides",
        "retention_days",
        "is_demo",
    }
)
FLAGS = {
    TeamRole.RECRUITER: ("is_recruiter",),
    TeamRole.HIRING_MANAGER: ("is_hiring_manager",),
    TeamRole.INTERVIEWER: ("is_interviewer", "is_hiring_manager", "is_recruiter"),
}
MANAGING = (TeamRole.RECRUITER, TeamRole.HIRING_MANAGER)

Members = Iterable[tuple[User, str]]


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(facts) - FACTS:
        raise TypeError(f"A job has no {', '.join(sorted(unknown))}.")
    return facts


def _checked(job: Job) -> Job:
    try:
        job.full_clean()
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="validation") from error
    return job


def _set_members(job: Job, members: Members) -> bool:
    """Make the team exactly this; tells whether anything changed."""
    wanted = {(member.pk, TeamRole(role)): member for member, role in members}
    for (_pk, role), member in wanted.items():
        if not any(getattr(member, flag) for flag in FLAGS[role]):
            raise Refused(
                _("%(name)s does not have the role %(role)s: an admin can give it.")
                % {"name": member.name, "role": role.label}
            )
        if not member.is_active:
            raise Refused(_("%(name)s no longer signs in here.") % {"name": member.name})
    have = {(row.user_id, TeamRole(row.role)): row for row in job.team.all()}
    gone = [row.pk for key, row in have.items() if key not in wanted]
    TeamMember.objects.filter(pk__in=gone).delete()
    new = [key for key in wanted if key not in have]
    TeamMember.objects.bulk_create(
        [TeamMember(job=job, user=wanted[key], role=key[1]) for key in new]
    )
    return bool(gone or new)


@transaction.atomic
def create_job(
    *, by: User | None, title: str, level: Level, team: Members = (), **facts: Any
) -> Job:
    """Open a job. A recruiter who opens one is on its team."""
    members = [(member, TeamRole(role)) for member, role in team]
    if by and by.is_recruiter and not any(member.pk == by.pk for member, _role in members):
        members.append((by, TeamRole.RECRUITER))
    job = _checked(Job(title=title, level=level, **_known(facts)))
    if job.is_confidential and not any(role in MANAGING for _member, role in members):
        raise Refused(
            _("Only its team sees a confidential job: add a recruiter or a hiring manager first.")
        )
    job.save(force_insert=True)
    _set_members(job, members)
    ledger.record("create_job", by=by, on=job, job=job)
    return job


@transaction.atomic
def update_job(*, by: User | None, job: Job, **facts: Any) -> Job:
    """Change facts of a job; without a change nothing is written."""
    job = Job.objects.select_for_update().get(pk=job.pk)
    changed = [name for name, value in _known(facts).items() if getattr(job, name) != value]
    if not changed:
        return job
    if "level" in changed and job.applications.exists():
        raise Refused(
            _("The level is fixed once somebody has applied: weights and bars follow from it.")
        )
    for name in changed:
        setattr(job, name, facts[name])
    _checked(job)
    job.save(update_fields=[*changed, "updated_at"])
    Job.objects.filter(pk=job.pk).update(version=F("version") + 1)
    job.refresh_from_db(fields=["version"])
    ledger.record("update_job", by=by, on=job, job=job, changed=changed)
    return job


@transaction.atomic
def set_team(*, by: User | None, job: Job, members: Members) -> None:
    """Make the team exactly `members`; somebody must be left who can manage the job."""
    members = list(members)
    if not any(TeamRole(role) in MANAGING for _member, role in members):
        raise Refused(_("A job needs a recruiter or a hiring manager on its team."))
    if _set_members(Job.objects.select_for_update().get(pk=job.pk), members):
        ledger.record("set_team", by=by, on=job, job=job, changed=["team"])
