from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from lib.records import Record
from rubrics.models import Level


class JobStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class TeamRole(models.TextChoices):
    RECRUITER = "recruiter", _("recruiter")
    HIRING_MANAGER = "hiring_manager", _("hiring manager")
    INTERVIEWER = "interviewer", _("interviewer")


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        """Jobs whose title this user may know: their own team's, and the open house's."""
        if user.is_admin or user.is_recruiter:
            return self.filter(Q(is_confidential=False) | Exists(_membership(user)))
        return self.filter(Exists(_membership(user)))

    def managed_by(self, user: User) -> Self:
        """Jobs this user works on as recruiter or hiring manager, or administers."""
        own = Exists(_membership(user, TeamRole.RECRUITER, TeamRole.HIRING_MANAGER))
        return self.filter(own | Q(is_confidential=False)) if user.is_admin else self.filter(own)


def _membership(user: User, *roles: TeamRole) -> models.QuerySet["TeamMember"]:
    found = TeamMember.objects.filter(job=OuterRef("pk"), user=user)
    return found.filter(role__in=roles) if roles else found


class Job(Record):
    """An opening, with its level; the facts an ATS owns."""

    class Retention(models.IntegerChoices):
        HALF_YEAR = 180, _("180 days")
        YEAR = 365, _("1 year")
        TWO_YEARS = 730, _("2 years")

    title = models.CharField(_("title"), max_length=120)
    level = models.ForeignKey(
        Level, on_delete=models.PROTECT, related_name="+", verbose_name=_("level")
    )
    department = models.CharField(_("department"), max_length=80, blank=True)
    # What the opening asks for, in the recruiter's words; read for noise criteria.
    requirements = models.TextField(_("requirements"), blank=True)
    status = models.CharField(
        _("status"), max_length=6, choices=JobStatus.choices, default=JobStatus.OPEN
    )
    is_confidential = models.BooleanField(_("confidential"), default=False)
    recruiter_decides = models.BooleanField(_("recruiters may record decisions"), default=False)
    retention_days = models.PositiveSmallIntegerField(
        _("data is deleted"), choices=Retention.choices, default=Retention.HALF_YEAR
    )
    is_demo = models.BooleanField(default=False, editable=False)
    source_updated_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["created_at", "id"], name="job_browse")]

    def __str__(self) -> str:
        name = self.level.name
        # "Senior" reads as a word after the comma; "L5" stays what it is.
        return f"{self.title}, {name.lower() if name[1:].islower() else name}"


class TeamMember(Record):
    """A user's part in a job."""

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="team")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=14, choices=TeamRole.choices)

    class Meta:
        ordering = ["role", "user__name"]
        constraints = [
            models.UniqueConstraint(fields=["job", "user", "role"], name="team_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"
