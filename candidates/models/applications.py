from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models.jobs import Job
from candidates.models.people import Candidate
from lib.records import Record


class ApplicationStatus(models.TextChoices):
    """Set by the ATS or a recruiter, never by a score or a decision."""

    IN_PROCESS = "in_process", _("in process")
    HIRED = "hired", _("hired")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: User) -> Self:
        """Those for the jobs this user manages. Interviewers reach theirs through `screening`."""
        return self.filter(job__in=Job.objects.managed_by(user))


class Application(Record):
    """A person for one job, known to blind reviewers by its code."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="applications")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="applications")
    code = models.CharField(max_length=8, unique=True, editable=False)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ApplicationStatus.choices,
        default=ApplicationStatus.IN_PROCESS,
    )
    source = models.CharField(_("source"), max_length=80, blank=True)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    source_updated_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["created_at", "id"], name="application_browse")]
        constraints = [
            models.UniqueConstraint(
                fields=["job", "candidate"],
                name="application_once",
                violation_error_message=_("This person has already applied for this job."),
            ),
            models.CheckConstraint(condition=~Q(code=""), name="application_has_code"),
        ]

    def __str__(self) -> str:
        return self.code
