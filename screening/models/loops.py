from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Job
from exercises.models import ExerciseVersion
from lib.records import Record
from rubrics.models import RubricVersion


class LoopStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    CLOSED = "closed", _("closed")


class Mode(models.TextChoices):
    TAKE_HOME = "take_home", _("take-home")
    LIVE = "live", _("live")


class LoopQuerySet(models.QuerySet["Loop"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(job__in=Job.objects.managed_by(user))


class Loop(Record):
    """A job's one loop: one rubric version for all of it, and ordered stages."""

    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="loop")
    rubric_version = models.ForeignKey(
        RubricVersion, on_delete=models.PROTECT, related_name="loops", verbose_name=_("rubric")
    )
    status = models.CharField(max_length=9, choices=LoopStatus.choices, default=LoopStatus.DRAFT)
    published_at = models.DateTimeField(null=True, editable=False)
    hides_identity = models.BooleanField(_("interviewers see a code, not the name"), default=True)
    link_days = models.PositiveSmallIntegerField(
        _("days a candidate's link works"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )
    scorecard_days = models.PositiveSmallIntegerField(
        _("days to hand in a scorecard"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
    )
    max_minutes = models.PositiveSmallIntegerField(
        _("most minutes for a candidate at home"),
        default=120,
        validators=[MinValueValidator(15), MaxValueValidator(480)],
    )

    objects = LoopQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return str(self.job)


class Stage(Record):
    """One step of a loop: an exercise, or none for a conversation, and the criteria it shows.

    `criteria` holds keys of the loop's rubric version, at most six, in order.
    """

    MAX_CRITERIA = 6

    loop = models.ForeignKey(Loop, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=120)
    exercise_version = models.ForeignKey(
        ExerciseVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="stages",
        verbose_name=_("exercise"),
    )
    mode = models.CharField(_("mode"), max_length=9, choices=Mode.choices, default=Mode.TAKE_HOME)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), validators=[MinValueValidator(5), MaxValueValidator(240)]
    )
    criteria = models.JSONField(_("criteria"), default=list)
    interviewers_needed = models.PositiveSmallIntegerField(
        _("interviewers needed"), default=2, validators=[MinValueValidator(1), MaxValueValidator(8)]
    )

    class Meta:
        ordering = ["loop", "position", "id"]

    def __str__(self) -> str:
        return self.title
