from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from exercises.folder_check import CRITIQUE_KINDS, TALK_KINDS
from lib.records import Record
from rubrics.models import VersionStatus


class Kind(models.TextChoices):
    DATA_MODEL = "data_model", _("data model")
    SCHEMA_CRITIQUE = "schema_critique", _("schema critique")
    ENDPOINT_CRITIQUE = "endpoint_critique", _("endpoint critique")
    AI_CODE_REVIEW = "ai_code_review", _("AI code review")
    AI_ASSISTED = "ai_assisted", _("AI-assisted build")
    DESIGN_DISCUSSION = "design_discussion", _("design discussion")
    STRUCTURED_INTERVIEW = "structured_interview", _("structured interview")
    PORTFOLIO_REVIEW = "portfolio_review", _("portfolio review")
    RESUME_SCREEN = "resume_screen", _("résumé screen")


class AiPolicy(models.TextChoices):
    NONE = "none", _("none")
    ALLOWED = "allowed", _("allowed")
    TRANSCRIPT_REQUIRED = "transcript_required", _("transcript required")


class Severity(models.TextChoices):
    CRITICAL = "critical", _("critical")
    MAJOR = "major", _("major")
    MINOR = "minor", _("minor")


class Category(models.TextChoices):
    SECURITY = "security", _("Security")
    DATA_INTEGRITY = "data_integrity", _("Data integrity")
    CORRECTNESS = "correctness", _("Correctness")
    PERFORMANCE = "performance", _("Performance")
    API_CONTRACT = "api_contract", _("API contract")
    OPERABILITY = "operability", _("Operability")
    TESTING = "testing", _("Testing")


class Exercise(Record):
    """A judgment task, known by its slug; what it says stands in its versions."""

    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class ExerciseVersionQuerySet(models.QuerySet["ExerciseVersion"]):
    def published(self) -> Self:
        return self.filter(status=VersionStatus.PUBLISHED)

    def visible_to(self, user: User) -> Self:
        """Who builds and judges loops sees the library; an interviewer what they are to score.

        The relation of an interviewer to a version is made above this app, in `screening`.
        """
        found = self.published()
        if user.is_recruiter or user.is_hiring_manager or user.is_admin or user.can_author:
            return found
        panel = ExerciseVersion.objects.filter(
            assignments__scorecards__interviewer=user,
            assignments__scorecards__status__in=("draft", "submitted"),
        ).exclude(assignments__application__conflicts__user=user)
        return found.filter(pk__in=panel.values("pk"))

    def latest(self) -> Self:
        """The newest published version of each exercise."""
        newer = ExerciseVersion.objects.published().filter(
            exercise=models.OuterRef("exercise"), number__gt=models.OuterRef("number")
        )
        return self.published().filter(~models.Exists(newer))


class ExerciseVersion(Record):
    """One frozen edition: what the candidate gets, and the answer key that a candidate never gets.

    `artefacts` is [{"path", "text"}]; `expects`, `questions` and `probes` are lists as in
    the folder format (docs/exercises.md); `answers` is {level: {"strong", "fair", "weak"}}.
    """

    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=9, choices=VersionStatus.choices, default=VersionStatus.DRAFT
    )
    published_at = models.DateTimeField(null=True, editable=False)
    content_hash = models.CharField(max_length=64, editable=False)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    levels = models.JSONField(default=list)
    minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(5), MaxValueValidator(240)]
    )
    ai_policy = models.CharField(max_length=19, choices=AiPolicy.choices)
    language = models.CharField(max_length=20, blank=True)
    skills = models.JSONField(default=list)
    criteria = models.JSONField(default=list)
    brief = models.TextField()
    brief_html = models.TextField(editable=False)
    artefacts = models.JSONField(default=list)
    reference = models.JSONField(default=list)
    expects = models.JSONField(default=list)
    questions = models.JSONField(default=list)
    probes = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    baseline = models.TextField(blank=True)
    is_proven = models.BooleanField(default=False)
    # Item id → proven, disagrees, not run or no proof: what `manage.py prove` last said of it.
    proof_states = models.JSONField(default=dict)
    proved_at = models.DateTimeField(null=True, editable=False)

    objects = ExerciseVersionQuerySet.as_manager()

    class Meta:
        ordering = ["title", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["exercise", "number"], name="exercise_version_number"),
            models.UniqueConstraint(
                fields=["exercise"], condition=Q(status="draft"), name="exercise_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def is_critique(self) -> bool:
        return self.kind in CRITIQUE_KINDS

    @property
    def is_talk(self) -> bool:
        return self.kind in TALK_KINDS


class ExerciseSource(Record):
    """The folder a version was made from, file by file; what an export writes, byte for byte.

    Apart from the version, so that no page which reads a version has the proofs in memory.
    """

    version = models.OneToOneField(ExerciseVersion, on_delete=models.PROTECT, related_name="source")
    files = models.JSONField()  # [{"path", "text"}], sorted by path

    def __str__(self) -> str:
        return f"files of {self.version}"


class ExerciseDraft(Record):
    """An exercise being written in the browser, seen by its author alone until it is published.

    `fields` is the autosave store of `lib.autosave`: name → {"v": value, "rev": n, …}.
    """

    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="exercise_drafts")
    # The exercise whose next version this becomes; none for a new one.
    exercise = models.ForeignKey(
        Exercise, null=True, on_delete=models.PROTECT, related_name="drafts"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    fields = models.JSONField(default=dict)

    class Meta:
        ordering = ["-updated_at", "id"]

    def __str__(self) -> str:
        return f"draft of {self.exercise or self.get_kind_display()}"

    @property
    def is_critique(self) -> bool:
        return self.kind in CRITIQUE_KINDS

    def value(self, name: str, default: Any = "") -> Any:
        return self.fields.get(name, {}).get("v", default)


class PackUploadQuerySet(models.QuerySet["PackUpload"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(uploaded_by=user)


class PackUpload(Record):
    """A zip of exercises between its preview and its import; its bytes go with the import."""

    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    data = models.BinaryField()
    imported_at = models.DateTimeField(null=True, editable=False)

    objects = PackUploadQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name


class Flaw(Record):
    """A planted and proven defect, or a decoy: a line that only looks wrong."""

    version = models.ForeignKey(ExerciseVersion, on_delete=models.PROTECT, related_name="flaws")
    slug = models.SlugField()
    code = models.CharField(max_length=4)  # F1, F2 … D1: as the pages number them
    is_decoy = models.BooleanField(default=False)
    file = models.CharField(max_length=200)
    lines = models.JSONField(default=list)  # [[first, last], …], both included
    severity = models.CharField(max_length=8, choices=Severity.choices, blank=True)
    category = models.CharField(max_length=16, choices=Category.choices, blank=True)
    level = models.SlugField(blank=True)
    is_contextual = models.BooleanField(default=False)
    title = models.CharField(max_length=120)
    harm = models.TextField()  # of a decoy: why it is fine
    found_when = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="flaw_slug_in_version")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def anchor(self) -> str:
        """Its lines as people name them: L8–9, L14."""
        return ", ".join(f"L{a}" if a == b else f"L{a}–{b}" for a, b in self.lines)
