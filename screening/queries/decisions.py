"""What was decided on an application, and who may."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from accounts.rules import allows
from candidates.models import Application
from screening.models import Decision
from screening.rules import columns


def may_decide(user: User, application: Application) -> bool:
    """The job's hiring manager; its recruiter too where the job says so."""
    stands = columns(user, application)
    if not allows("decision.record", stands):
        return False
    return "manager" in stands or application.job.recruiter_decides


def newest(applications: Iterable[UUID]) -> dict[UUID, Decision]:
    """The decision that counts, by application."""
    rows = Decision.objects.filter(application__in=list(applications)).select_related("by")
    return {row.application_id: row for row in rows.order_by("created_at", "pk")}
