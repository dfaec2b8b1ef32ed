"""Who stands behind a link: reads of a candidate without an account."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from candidates.models import Application, ApplicationStatus, TeamRole
from exercises.models import AiPolicy, ExerciseVersion, Kind
from screening.models import Assignment, AssignmentStatus, Invitation, LinkToken, Mode
from screening.queries.portfolio import piece_fields
from screening.tokens import digest

OPEN = (AssignmentStatus.INVITED, AssignmentStatus.WORKING)
LONGEST_SECRET = 200
DESIGNS = frozenset({Kind.DATA_MODEL, Kind.DESIGN_DISCUSSION, Kind.AI_ASSISTED})
# The answer key stays in the database: no action or page of a candidate has it in memory.
# `questions` hold answers too; of them only what is asked leaves `asked`.
KEY = ("reference", "expects", "probes", "answers", "baseline", "proof_states")


def without_key(prefix: str = "exercise_version__") -> list[str]:
    return [prefix + name for name in KEY]


def asked(version: ExerciseVersion) -> list[str]:
    """The questions put to the candidate, without what an answer is to hold."""
    return [str(question.get("ask", "")) for question in version.questions]


def plain_fields(version: ExerciseVersion) -> list[str]:
    """The fields this exercise asks for, but its line comments, in reading order."""
    names = ["overall"] if version.is_critique else []
    if version.kind in DESIGNS:
        names += ["ddl", "decisions"]
    if version.kind == Kind.DESIGN_DISCUSSION:
        names += ["document", "links"]
    names += piece_fields(version)
    names += [f"answer:{number}" for number in range(1, len(version.questions) + 1)]
    if version.ai_policy != AiPolicy.NONE:
        names += ["transcript", "ai_used"]
    return names


def own_assignments(invitation: Invitation) -> QuerySet[Assignment]:
    """What the link is for: exercises done at home, in order, without their answer keys."""
    return (
        Assignment.objects.filter(
            application=invitation.application_id,
            mode=Mode.TAKE_HOME,
            exercise_version__isnull=False,
        )
        .exclude(status__in=[AssignmentStatus.PLANNED, AssignmentStatus.CANCELLED])
        .select_related("exercise_version")
        .defer(*without_key())
        .order_by("position", "id")
    )


@dataclass(frozen=True)
class Door:
    """One browser that came through a link: which secret, and as which device."""

    invitation: Invitation
    digest: str
    device: str

    @property
    def is_active(self) -> bool:
        return self.invitation.device == self.device


def openable(secret: str) -> Invitation | None:
    """The invitation a secret opens now; None if it is unknown, ended, revoked or all is done."""
    if not secret or len(secret) > LONGEST_SECRET:
        return None
    invitation = by_digest(digest(secret))
    if invitation is None or not invitation.is_live:
        return None
    todo = Assignment.objects.filter(
        application=invitation.application_id, mode=Mode.TAKE_HOME, status__in=OPEN
    )
    return invitation if todo.exists() else None


def by_digest(kept: str) -> Invitation | None:
    """The invitation of a secret's hash, whatever its state, of an application in process."""
    token = (
        LinkToken.objects.select_related("invitation__application__job__level")
        .filter(digest=kept, invitation__application__status=ApplicationStatus.IN_PROCESS)
        .first()
    )
    return token.invitation if token else None


def whom_to_ask(application: Application) -> User | None:
    """The recruiter of the job; never somebody who only judges."""
    member = (
        application.job.team.filter(role=TeamRole.RECRUITER, user__is_active=True)
        .select_related("user")
        .order_by("created_at", "id")
        .first()
    )
    return member.user if member else None
