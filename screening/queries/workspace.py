"""What a candidate's pages show: the task and their own work, never a word of the answer key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises.models import AiPolicy, Category, ExerciseVersion, Kind
from lib import autosave
from lib.code import code_lines, highlight_lines, language_of
from rubrics.models import Criterion
from screening.models import Assignment, AssignmentStatus, Attachment, Invitation, Submission
from screening.queries.candidate import DESIGNS, OPEN, asked, own_assignments, plain_fields
from screening.queries.late import LatePart, late_parts, moment
from screening.queries.parts import Part, part_at, parts_of
from screening.queries.portfolio import Piece, has_pieces, pieces
from screening.queries.schema import Schema, given_of, schema_of, takes_sql
from screening.queries.turns import Conversation, conversation_of

# Colours cost about ten nodes a line; over this a page would be heavier than its budget.
COLOURED_LINES = 200
# A page has room for so many lines with their comments; longer work comes in parts.
LINES_OF_PART = 400
CATEGORIES = dict(Category.choices)


@dataclass(frozen=True)
class Step:
    """One exercise in the list: its title, its minutes and how far it is, nothing of its text."""

    assignment: Assignment
    number: int
    ai: str
    criteria: list[Criterion]
    is_next: bool = False

    @property
    def state(self) -> str:
        return str(self.assignment.status)

    @property
    def is_done(self) -> bool:
        return self.state in {AssignmentStatus.HANDED_IN, AssignmentStatus.SCORED}


@dataclass(frozen=True)
class Line:
    number: int
    id: str
    html: SafeString
    comments: list[dict[str, Any]]


@dataclass(frozen=True)
class CodeFile:
    """A file, or the lines of it that belong to one part of a long work."""

    path: str
    id: str
    prefix: str
    lines: list[Line]
    total: int

    @property
    def words(self) -> str:
        lines = ngettext("%(n)s line", "%(n)s lines", self.total) % {"n": self.total}
        if len(self.lines) == self.total:
            return lines
        told = {"lines": lines, "first": self.lines[0].number, "last": self.lines[-1].number}
        return _("%(first)s–%(last)s of %(lines)s") % told


@dataclass(frozen=True)
class Box:
    """One field of text: what it is called, what stands in it, and its revision."""

    name: str
    label: str
    value: str
    rev: int
    hint: str = ""


@dataclass(frozen=True)
class Version:
    """A text that another device or window wrote, kept beside the one that counts."""

    label: str
    text: str
    at: datetime | None


@dataclass
class Page:
    exercise: ExerciseVersion
    work: Submission
    files: list[CodeFile]
    comments: list[dict[str, Any]]
    criteria: list[Criterion] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    overall: Box | None = None
    ddl: Box | None = None
    decisions: Box | None = None
    document: Box | None = None
    links: Box | None = None
    pieces: list[Piece] = field(default_factory=list)
    answers: list[Box] = field(default_factory=list)
    transcript: Box | None = None
    ai_used: Box | None = None
    versions: list[Version] = field(default_factory=list)
    late: list[LatePart] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    part: int = 1

    @property
    def ai(self) -> str:
        return ai_words(self.exercise.ai_policy)

    @property
    def needs_transcript(self) -> bool:
        return bool(self.exercise.ai_policy == AiPolicy.TRANSCRIPT_REQUIRED)

    @property
    def lacks_transcript(self) -> bool:
        told = (self.transcript and self.transcript.value.strip()) or self.attachments
        is_none = self.ai_used is not None and self.ai_used.value == "none"
        return self.needs_transcript and not told and not is_none

    @cached_property
    def conversation(self) -> Conversation | None:
        """The conversation with the AI as turns, pasted and uploaded."""
        if self.transcript is None:
            return None
        return conversation_of(
            self.work, own=True, pasted=self.transcript.value, files=self.attachments
        )

    @cached_property
    def schema(self) -> Schema | None:
        """The design as a diagram, where it is written in SQL."""
        if not (self.ddl and takes_sql(self.exercise)):
            return None
        return schema_of(self.ddl.value, given=given_of(self.exercise))

    @property
    def boxes(self) -> list[Box]:
        """Every text in reading order, for the review and the receipt."""
        found = [self.overall, self.document, self.ddl, self.decisions, self.links]
        found += [*self.answers, self.transcript]
        return [box for box in found if box]

    @property
    def is_empty(self) -> bool:
        written = any(box.value.strip() for box in self.boxes)
        return not (self.comments or written or any(not piece.is_empty for piece in self.pieces))


def ai_words(policy: str) -> str:
    return {
        AiPolicy.NONE.value: _("not allowed in this exercise"),
        AiPolicy.ALLOWED.value: _("allowed; say where you used it"),
        AiPolicy.TRANSCRIPT_REQUIRED.value: _("allowed; hand in the whole conversation"),
    }[policy]


def steps(invitation: Invitation) -> list[Step]:
    rows = list(own_assignments(invitation))
    by_version: dict[Any, dict[str, Criterion]] = {}
    for criterion in Criterion.objects.filter(version__in={row.rubric_version_id for row in rows}):
        by_version.setdefault(criterion.version_id, {})[criterion.key] = criterion
    todo = [row for row in rows if row.status in OPEN]
    begun = [row for row in todo if row.status == AssignmentStatus.WORKING]
    following = next(iter(begun or todo), None)
    return [
        Step(
            row,
            number,
            ai_words(_version(row).ai_policy),
            _judged(row, by_version.get(row.rubric_version_id, {})),
            is_next=row is following,
        )
        for number, row in enumerate(rows, 1)
    ]


def _judged(row: Assignment, known: dict[str, Criterion]) -> list[Criterion]:
    return [known[key] for key in row.criteria if key in known]


def criteria(assignment: Assignment) -> list[Criterion]:
    """What is judged, in words; anchors, weights and bars are not for the candidate."""
    rows = Criterion.objects.filter(version=assignment.rubric_version_id)
    return _judged(assignment, {row.key: row for row in rows})


def _version(assignment: Assignment) -> ExerciseVersion:
    if assignment.exercise_version is None:
        raise ValueError("own_assignments() gives only assignments with an exercise")
    return assignment.exercise_version


def page_of(
    assignment: Assignment, *, typed: Mapping[str, str] | None = None, part: int = 1
) -> Page:
    """One exercise begun: the task, and everything written so far.

    `typed` is what a form held that was refused; it stands in place of what is saved. `part` is
    which lines of a long work are shown.
    """
    version = _version(assignment)
    work = Submission.objects.filter(assignment=assignment).first()
    work = work or Submission(assignment=assignment)
    for name in plain_fields(version) if typed else []:
        if typed and name in typed:
            work.fields[name] = {"rev": 0, **work.fields.get(name, {}), "v": typed[name]}
    page = page_from(version, work, part=part)
    page.criteria = criteria(assignment)
    files = list(work.attachments.all())
    page.attachments = [file for file in files if file.purpose == "transcript"]
    page.pieces = pieces(work, files) if has_pieces(version) else []
    _fill(page)
    page.versions = _versions(page)
    page.late = late_parts(work, assignment)
    return page


def page_from(version: ExerciseVersion, work: Submission, *, part: int = 1) -> Page:
    """The files and the comments on them."""
    parts = _parts(version)
    shown = part_at(parts, part)
    comments = _comments(work, parts)
    return Page(
        exercise=version,
        work=work,
        files=_files(version, comments, shown),
        comments=comments,
        parts=parts,
        part=shown.number,
    )


def _fill(page: Page) -> None:
    version, work = page.exercise, page.work
    if version.is_critique:
        page.overall = _box(work, "overall", _("What would you tell the author first?"))
    if version.kind in DESIGNS:
        page.ddl = _box(work, "ddl", _ddl_label(version.kind))
        hint = _("Why this shape, what you left out, what you decided against and what it costs.")
        page.decisions = _box(work, "decisions", _("Decisions"), hint)
    if version.kind == Kind.DESIGN_DISCUSSION:
        hint = _("The design itself, in words: parts, data, what fails and what happens then.")
        page.document = _box(work, "document", _("Your design"), hint)
        page.links = _box(work, "links", _("Links"), _("One a line, if you drew something."))
    page.answers = [
        _box(work, f"answer:{number}", ask) for number, ask in enumerate(asked(version), 1)
    ]
    if version.ai_policy != AiPolicy.NONE:
        page.transcript = _box(work, "transcript", _("Your conversation with the AI"))
        page.ai_used = _box(work, "ai_used", _("AI"))


def _ddl_label(kind: str) -> str:
    if kind == Kind.AI_ASSISTED:
        return _("Your change, as code")
    if kind == Kind.DESIGN_DISCUSSION:
        return _("Schema, if you need one")
    return _("Schema")


def _box(work: Submission, name: str, label: str, hint: str = "") -> Box:
    entry = work.fields.get(name, {})
    return Box(name, label, entry.get("v") or "", entry.get("rev", 0), hint)


def _comments(work: Submission, parts: list[Part]) -> list[dict[str, Any]]:
    """In reading order: by file as the exercise has them, then by line."""
    revisions = autosave.revisions(work.fields)
    found = [
        {
            **comment,
            "uuid": comment["id"],
            "name": comment["file"].rpartition("/")[2],
            "rev": revisions[f"comment:{comment['id']}"],
            "category_label": CATEGORIES.get(comment["category"], comment["category"]),
            "part": next((part.number for part in parts if part.has(comment)), 1),
        }
        for comment in work.comments
    ]
    return sorted(found, key=lambda comment: comment["part"])


def _parts(version: ExerciseVersion) -> list[Part]:
    files = ((file["path"], len(code_lines(file["text"]))) for file in version.artefacts)
    return parts_of(files, most=LINES_OF_PART)


def _files(
    version: ExerciseVersion, comments: Iterable[dict[str, Any]], part: Part
) -> list[CodeFile]:
    shown = sum(last - first + 1 for _path, first, last in part.spans)
    by_place: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for comment in comments:
        by_place.setdefault((comment["file"], comment["end"]), []).append(comment)
    numbers = {file["path"]: number for number, file in enumerate(version.artefacts, 1)}
    texts = {file["path"]: file["text"] for file in version.artefacts}
    found = []
    for path, first, last in part.spans:
        prefix = "" if numbers[path] == 1 else f"f{numbers[path]}-"
        language = language_of(path) or version.language if shown <= COLOURED_LINES else ""
        every = highlight_lines(texts[path], language)
        lines = [
            Line(n, f"{prefix}L{n}", html, by_place.get((path, n), []))
            for n, html in enumerate(every[first - 1 : last], first)
        ]
        found.append(CodeFile(path, f"file-{numbers[path]}", prefix, lines, len(every)))
    return found


def _versions(page: Page) -> list[Version]:
    labels = {box.name: box.label for box in page.boxes}
    return [
        Version(labels.get(name, _("Comment")), _words(one["v"]), moment(one.get("at")))
        for name, kept in autosave.kept(page.work.fields).items()
        for one in kept
        if _words(one["v"])
    ]


def _words(value: Any) -> str:
    return str(value.get("text", "")) if isinstance(value, dict) else str(value or "")


def minutes_left(assignment: Assignment) -> int:
    if assignment.ends_at is None:
        return assignment.minutes + assignment.extra_minutes
    return max(0, -int(-(assignment.ends_at - timezone.now()).total_seconds() // 60))
