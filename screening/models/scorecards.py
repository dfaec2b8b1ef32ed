from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from candidates.models import Application
from lib.records import Record
from rubrics.models import Criterion
from screening.models.assignments import Assignment, AssignmentStatus, Conflict


class ScorecardStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    DECLINED = "declined", _("declined")


class Recommendation(models.TextChoices):
    STRONG_NO = "strong_no", _("Strong no")
    NO = "no", _("No")
    YES = "yes", _("Yes")
    STRONG_YES = "strong_yes", _("Strong yes")
    NO_DECISION = "no_decision", _("No decision")


class ScorecardQuerySet(models.QuerySet["Scorecard"]):
    def owed_by(self, user: User) -> Self:
        return self.filter(interviewer=user, status=ScorecardStatus.DRAFT).exclude(
            assignment__status=AssignmentStatus.CANCELLED
        )

    def submitted(self) -> Self:
        return self.filter(status=ScorecardStatus.SUBMITTED)

    def visible_to(self, user: User) -> Self:
        """The one policy for scorecards: one's own, and others' submitted ones for an application
        for which one owes none, as its manager or as a panel member who has submitted.
        """
        application = OuterRef("assignment__application")
        mine = self.model.objects.filter(interviewer=user, assignment__application=application)
        owes = Exists(
            mine.filter(status=ScorecardStatus.DRAFT).exclude(assignment__status="cancelled")
        )
        # An abstention is submitted but unlocks nothing.
        has_judged = Exists(mine.filter(status=ScorecardStatus.SUBMITTED, is_abstention=False))
        manages = Q(assignment__application__in=Application.objects.visible_to(user))
        conflict = Exists(Conflict.objects.filter(user=user, application=application))
        own = Q(interviewer=user) & ~Q(status=ScorecardStatus.DECLINED)
        others = Q(status=ScorecardStatus.SUBMITTED) & (manages | has_judged) & ~Q(owes)
        return self.filter(own | others).exclude(conflict)


class Scorecard(Record):
    """One interviewer's independent judgement of one assignment.

    A draft lives in `fields` (the autosave store, read by its author alone); submitting writes the
    ratings, which afterwards change only by amendment.
    """

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="scorecards")
    interviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="scorecards")
    status = models.CharField(
        max_length=9, choices=ScorecardStatus.choices, default=ScorecardStatus.DRAFT
    )
    fields = models.JSONField(default=dict)
    recommendation = models.CharField(max_length=11, choices=Recommendation.choices, blank=True)
    summary = models.TextField(blank=True)
    flaws = models.JSONField(default=dict)  # flaw slug → found | partly | missed
    # The rest of the catch matrix as submitted; its shape is written down in `queries.catches`.
    catches = models.JSONField(default=dict)
    # Below the coverage floor of its stage, or "no decision": kept and shown, in no mean.
    is_abstention = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assignment", "interviewer"], name="scorecard_once")
        ]
        indexes = [models.Index(fields=["interviewer", "status"], name="scorecard_inbox")]

    def __str__(self) -> str:
        return f"{self.assignment} by {self.interviewer}"

    def value(self, name: str, default: Any = "") -> Any:
        return self.fields.get(name, {}).get("v", default)


class Rating(Record):
    """A point, or not observed (null), with evidence and the weight, bar and label of that day."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="ratings")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="ratings")
    point = models.PositiveSmallIntegerField(null=True)
    evidence = models.TextField(blank=True)
    quotes = models.JSONField(default=list)  # [{"anchor", "text"}]
    label = models.CharField(max_length=60)
    anchor_title = models.CharField(max_length=24, blank=True)
    weight = models.DecimalField(max_digits=6, decimal_places=2)
    bar = models.PositiveSmallIntegerField()
    is_must_pass = models.BooleanField(default=False)

    class Meta:
        ordering = ["scorecard", "criterion__position"]
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "criterion"], name="rating_once"),
            models.CheckConstraint(
                condition=Q(point=None) | Q(point__range=(1, 4)), name="rating_point_on_scale"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.point or _('not observed')}"


class Amendment(Record):
    """A change after submission; the first judgement stays, beside what its author had seen."""

    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="amendments")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    old_point = models.PositiveSmallIntegerField(null=True)
    new_point = models.PositiveSmallIntegerField(null=True)
    old_evidence = models.TextField(blank=True)
    new_evidence = models.TextField(blank=True)
    reason = models.TextField(_("reason"))
    # Ids of the others' scorecards that were open to the author at that time.
    had_seen = models.JSONField(default=list)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.rating.label}: {self.old_point} → {self.new_point}"
