"""Where somebody stands in relation to an application, and what is open to whom and when."""

from accounts.models import User
from accounts.rules import allows
from candidates.models import Application
from candidates.rules import job_columns
from screening.models import AssignmentStatus, Scorecard, ScorecardStatus


def columns(user: User, application: Application) -> set[str]:
    """The columns of the access table in which `user` stands for `application`.

    A declared conflict leaves none, whatever the roles. Who owes a scorecard stands in `before`;
    an abstention unlocks nothing, so it does not lead to `after`.
    """
    if application.conflicts.filter(user=user).exists():
        return set()
    found = job_columns(user, application.job)
    own = list(
        Scorecard.objects.filter(interviewer=user, assignment__application=application)
        .exclude(assignment__status=AssignmentStatus.CANCELLED)
        .exclude(status=ScorecardStatus.DECLINED)
        .values_list("status", "is_abstention")
    )
    if any(status == ScorecardStatus.DRAFT for status, _ in own):
        found.add("before")
    elif any(not is_abstention for _, is_abstention in own):
        found.add("after")
    return found


def may(user: User, action: str, application: Application) -> bool:
    return allows(action, columns(user, application))
