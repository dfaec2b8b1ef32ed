from candidates.models.applications import Application, ApplicationStatus
from candidates.models.external import ExternalId
from candidates.models.jobs import Job, JobStatus, TeamMember, TeamRole
from candidates.models.people import Candidate

__all__ = [
    "Application",
    "ApplicationStatus",
    "Candidate",
    "ExternalId",
    "Job",
    "JobStatus",
    "TeamMember",
    "TeamRole",
]
