from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Application
from exercises.models import ExerciseVersion
from lib.records import Record
from rubrics.models import RubricVersion
from screening.models.loops import Mode, Stage


class AssignmentStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    INVITED = "invited", _("invited")
    WORKING = "working", _("working")
    HANDED_IN = "handed_in", _("handed in")
    SCORED = "scored", _("scored")
    CANCELLED = "cancelled", _("cancelled")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: User) -> Self:
        """Those of applications the user manages, and those whose panel the user is on."""
        manages = Q(application__in=Application.objects.visible_to(user))
        on_panel = Q(pk__in=self.model.objects.on_panel(user).values("pk"))
        return self.filter(manages | on_panel).exclude(application__conflicts__user=user)

    def on_panel(self, user: User) -> Self:
        return self.filter(scorecards__interviewer=user).exclude(
            scorecards__in=self.model.scorecards.rel.related_model.objects.filter(
                interviewer=user, status="declined"
            )
        )

    def live(self) -> Self:
        return self.exclude(status=AssignmentStatus.CANCELLED)


class Assignment(Record):
    """One stage given to one application. It pins what it will be judged by."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="assignments"
    )
    stage = models.ForeignKey(
        Stage, null=True, on_delete=models.SET_NULL, related_name="assignments"
    )
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    exercise_version = models.ForeignKey(
        ExerciseVersion, null=True, on_delete=models.PROTECT, related_name="assignments"
    )
    rubric_version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="+")
    criteria = models.JSONField(default=list)
    mode = models.CharField(max_length=9, choices=Mode.choices)
    minutes = models.PositiveSmallIntegerField()
    extra_minutes = models.PositiveSmallIntegerField(default=0)
    interviewers_needed = models.PositiveSmallIntegerField(default=2)
    status = models.CharField(
        max_length=9, choices=AssignmentStatus.choices, default=AssignmentStatus.PLANNED
    )
    started_at = models.DateTimeField(null=True)
    handed_in_at = models.DateTimeField(null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["application", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "stage"],
                condition=~Q(status="cancelled"),
                name="assignment_once_per_stage",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application.code} {self.title}"

    @property
    def ends_at(self) -> datetime | None:
        """When the candidate's clock runs out; work after it is kept and marked late."""
        if self.started_at is None:
            return None
        return self.started_at + timedelta(minutes=self.minutes + self.extra_minutes)

    @property
    def is_late(self) -> bool:
        return bool(self.handed_in_at and self.ends_at and self.handed_in_at > self.ends_at)


class Conflict(Record):
    """A user declares to be too close to this candidate; it ends all access to the application."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="conflicts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="conflicts")
    reason = models.TextField(_("reason"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "user"], name="conflict_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.application}"
