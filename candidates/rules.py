"""Where somebody stands in relation to a job."""

from accounts.models import User
from accounts.rules import allows
from candidates.models import Job, TeamMember, TeamRole

COLUMN = {TeamRole.RECRUITER: "recruiter", TeamRole.HIRING_MANAGER: "manager"}


def job_columns(user: User, job: Job) -> set[str]:
    """The columns of the access table in which `user` stands for `job` (interviewing aside)."""
    roles = set(TeamMember.objects.filter(job=job, user=user).values_list("role", flat=True))
    found = {COLUMN[role] for role in roles if role in COLUMN}
    if user.is_admin and (roles or not job.is_confidential):
        found.add("admin")
    if user.is_recruiter and not job.is_confidential and "recruiter" not in found:
        found.add("other")
    if TeamRole.INTERVIEWER in roles:
        found.add("off_panel")
    return found


def may(user: User, action: str, job: Job) -> bool:
    return allows(action, job_columns(user, job))
