from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from lib.records import Record


class Tier(models.TextChoices):
    JUDGMENT = "judgment", _("judgment")
    MUST = "must", _("must")
    NICE = "nice", _("nice to have")
    EMERGING = "emerging", _("emerging")


class Skill(Record):
    """What is screened for."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    tier = models.CharField(max_length=8, choices=Tier.choices)
    tells = models.TextField()
    bar = models.TextField()
    evidence = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.name


class Level(Record):
    """Seniority, in order."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=40)
    focus = models.TextField(blank=True)
    expectations = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Rubric(Record):
    """The standard for a kind of role, in numbered editions."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    summary = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class VersionStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")


class RubricVersionQuerySet(models.QuerySet["RubricVersion"]):
    def visible_to(self, user: User) -> Self:
        """Who builds loops sees every published standard; an interviewer those they score by.

        Anchors tell what a good answer is. The relation is made above this app, in `screening`.
        """
        found = self.filter(status=VersionStatus.PUBLISHED)
        if user.is_recruiter or user.is_hiring_manager or user.is_admin or user.can_author:
            return found
        panel = RubricVersion.objects.filter(
            loops__job__applications__assignments__scorecards__interviewer=user,
            loops__job__applications__assignments__scorecards__status__in=("draft", "submitted"),
        )
        return found.filter(pk__in=panel.values("pk"))


class RubricVersion(Record):
    """One edition of a rubric; once published it never changes."""

    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=9, choices=VersionStatus.choices, default=VersionStatus.DRAFT
    )
    published_at = models.DateTimeField(null=True, editable=False)
    coverage_floor = models.DecimalField(max_digits=3, decimal_places=2, default="0.60")
    content_hash = models.CharField(max_length=64, editable=False)
    # Keys, levels and weights only: versions that share it can be calibrated together.
    structure_hash = models.CharField(max_length=64, editable=False)

    objects = RubricVersionQuerySet.as_manager()

    class Meta:
        ordering = ["rubric", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "number"], name="rubric_version_number"),
            models.UniqueConstraint(
                fields=["rubric"], condition=Q(status="draft"), name="rubric_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rubric.name} v{self.number}"


class Criterion(Record):
    """One aspect that is rated; its key is stable over versions."""

    version = models.ForeignKey(RubricVersion, on_delete=models.PROTECT, related_name="criteria")
    key = models.SlugField()
    name = models.CharField(max_length=60)
    short_name = models.CharField(max_length=20)
    description = models.TextField()  # candidates read it before they start
    look_for = models.TextField(blank=True)  # for interviewers only
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="criterion_key_in_version")
        ]

    def __str__(self) -> str:
        return self.name


class CriterionLevel(Record):
    """Weight and bar of a criterion at a level."""

    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="levels")
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+")
    weight = models.DecimalField(max_digits=6, decimal_places=2, validators=[MinValueValidator(0)])
    bar = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(4)])
    is_must_pass = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["criterion", "level"], name="criterion_level_once"),
            models.CheckConstraint(
                condition=Q(weight__gte=0), name="criterion_weight_not_negative"
            ),
            models.CheckConstraint(condition=Q(bar__range=(1, 4)), name="criterion_bar_on_scale"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} at {self.level}"


class AnchorQuerySet(models.QuerySet["Anchor"]):
    def for_level(self, level: Level) -> Self:
        """The anchors of a level; where it has its own, that one comes after the general one."""
        return self.filter(Q(level=None) | Q(level=level)).order_by(
            "criterion__position", "point", models.F("level").asc(nulls_first=True)
        )


class Anchor(Record):
    """What work at a point of the scale looks like; without a level it holds for all."""

    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="anchors")
    level = models.ForeignKey(Level, null=True, on_delete=models.PROTECT, related_name="+")
    point = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=24)
    text = models.TextField()

    objects = AnchorQuerySet.as_manager()

    class Meta:
        ordering = ["criterion", "point"]
        constraints = [
            models.UniqueConstraint(
                fields=["criterion", "level", "point"], name="anchor_of_level_once"
            ),
            models.UniqueConstraint(
                fields=["criterion", "point"], condition=Q(level=None), name="anchor_once"
            ),
            models.CheckConstraint(condition=Q(point__range=(1, 4)), name="anchor_point_on_scale"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.point}: {self.title}"
