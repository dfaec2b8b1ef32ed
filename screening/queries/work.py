"""What a panel member reads on the left of a scorecard: the work, the task and the answer key."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises.matching import SEVERITY_WEIGHT
from exercises.models import Category, ExerciseVersion, Flaw, Kind
from lib.code import HIGHLIGHT_LIMIT, code_lines, highlight_lines, language_of
from rubrics.models import Level
from screening.models import Assignment, Scorecard, Submission
from screening.queries import catches
from screening.queries.late import LatePart, late_parts
from screening.queries.portfolio import Link, Piece, has_pieces, links_of, pieces
from screening.queries.schema import Schema, schema_of, takes_sql
from screening.queries.scorecards import can_be_scored
from screening.queries.turns import Turn, conversation_of

# Colours cost about ten nodes a line; over this a page would be heavier than its budget.
COLOURED_LINES = 180
CATEGORIES = dict(Category.choices)


@dataclass(frozen=True)
class Line:
    number: int
    id: str
    html: SafeString
    is_marked: bool
    comments: list[dict[str, Any]]


@dataclass(frozen=True)
class CodeFile:
    path: str
    lines: list[Line]
    comments: int = 0
    prefix: str = ""

    @property
    def words(self) -> str:
        lines = ngettext("%(n)s line", "%(n)s lines", len(self.lines)) % {"n": len(self.lines)}
        if not self.comments:
            return lines
        return f"{lines}, {_comments(self.comments)}"


@dataclass(frozen=True)
class Text:
    """An answer in words, quotable under its anchor."""

    anchor: str
    title: str
    text: str


@dataclass
class Tab:
    """One thing to read; `kind` is the part of the template that shows it."""

    id: str
    label: str
    kind: str
    note: str = ""
    files: list[CodeFile] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    moments: list[Turn] = field(default_factory=list)
    stray: list[dict[str, Any]] = field(default_factory=list)
    files_words: str = ""
    schema: Schema | None = None
    pieces: list[Piece] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class KeyRow:
    """A flaw, a decoy or an expected point of the answer key, with what was ticked."""

    slug: str
    code: str
    title: str
    severity: str
    file: str
    anchor: str
    href: str
    harm: str
    found_when: str
    is_decoy: bool
    value: str
    rev: int
    weight: int = 0
    catch: catches.Catch | None = None

    @property
    def field(self) -> str:
        return f"flaw:{self.slug}"


@dataclass(frozen=True)
class Work:
    tabs: list[Tab]
    key: list[KeyRow]
    probes: list[dict[str, Any]]
    samples: list[Text]
    is_in: bool
    matrix: catches.Matrix | None = None
    late: list[LatePart] = field(default_factory=list)

    @property
    def has_stops(self) -> bool:
        """Whether there are comments or turns to step through."""
        return any(tab.turns or any(file.comments for file in tab.files) for tab in self.tabs)

    @property
    def planted(self) -> int:
        return sum(not row.is_decoy for row in self.key)

    @property
    def found(self) -> int:
        return sum(row.value == "found" for row in self.key)

    @property
    def partly(self) -> int:
        return sum(row.value == "partly" for row in self.key)


def work_of(scorecard: Scorecard) -> Work:
    """The work of one assignment. Nothing of the candidate's before it is handed in."""
    assignment = scorecard.assignment
    version = assignment.exercise_version
    is_in = can_be_scored(assignment)
    handed_in = _submission(assignment) if is_in else None
    comments = handed_in.comments if handed_in else []
    matrix = catches.matrix_of(scorecard, version, comments) if version else None
    tabs: list[Tab] = []
    if handed_in:
        tabs += _candidates_tabs(handed_in, version, matrix)
    if version:
        tabs += _task_tabs(version, has_review=any(tab.id == "review" for tab in tabs))
    return Work(
        tabs=tabs,
        key=_key(scorecard, version, matrix) if version else [],
        probes=_probes(scorecard, version) if version else [],
        samples=_samples(version, assignment.application.job.level) if version else [],
        is_in=is_in,
        matrix=matrix,
        late=late_parts(handed_in, assignment),
    )


def _submission(assignment: Assignment) -> Submission | None:
    return getattr(assignment, "submission", None)


def _candidates_tabs(
    work: Submission, version: ExerciseVersion | None, matrix: catches.Matrix | None
) -> list[Tab]:
    tabs = [
        _review(work, version, matrix),
        _schema(work, version),
        _portfolio(work, version),
        _summary(work, version),
        _transcript(work),
    ]
    return [tab for tab in tabs if tab]


def _review(
    work: Submission, version: ExerciseVersion | None, matrix: catches.Matrix | None
) -> Tab | None:
    if version is None or matrix is None:
        return None
    comments = [_comment(item, matrix.marks[item["id"]]) for item in work.comments]
    files, stray = _files(version, comments)
    note = str(len(comments)) if comments else _("no comments")
    return Tab("review", _("Review"), "code", note=note, files=files, stray=stray)


def _schema(work: Submission, version: ExerciseVersion | None) -> Tab | None:
    ddl = work.value("ddl")
    if not ddl:
        return None
    is_change = version is not None and version.kind == Kind.AI_ASSISTED
    language = version.language if version and is_change else "postgresql"
    label = _("Change") if is_change else _("Schema")
    file = CodeFile(label, _lines(ddl, language, prefix="ddl-", comments=[]))
    is_other = version is not None and version.kind == Kind.DATA_MODEL and not takes_sql(version)
    read = None if is_change or is_other else schema_of(ddl, for_panel=True)
    return Tab("schema", label, "code", note=file.words, files=[file], schema=read)


def _portfolio(work: Submission, version: ExerciseVersion | None) -> Tab | None:
    """What the candidate points at: links with the host they lead to, files to save."""
    found = []
    if version is not None and has_pieces(version):
        files = list(work.attachments.all())
        found = [piece for piece in pieces(work, files) if not piece.is_empty]
    links = links_of(str(work.value("links") or ""))
    if not found and not links:
        return None
    label = _("Portfolio") if found else _("Links")
    return Tab("portfolio", label, "portfolio", pieces=found, links=links)


def _summary(work: Submission, version: ExerciseVersion | None) -> Tab | None:
    texts = [
        Text("summary", _("What the candidate would tell the author first"), work.value("overall")),
        Text("document", _("Design"), work.value("document")),
        Text("decisions", _("Decisions"), work.value("decisions")),
    ]
    asked = version.questions if version else []
    for number, question in enumerate(asked, 1):
        answer = work.value(f"answer:{number}")
        texts.append(Text(_("answer %s") % number, str(question.get("ask", "")), answer))
    texts = [text for text in texts if text.text]
    return Tab("summary", _("Summary"), "texts", texts=texts) if texts else None


def _transcript(work: Submission) -> Tab | None:
    talk = conversation_of(work, own=False)
    if not talk.turns and work.value("ai_used") != "none":
        return None
    note = ngettext("%(n)s turn", "%(n)s turns", talk.count) % {"n": talk.count}
    return Tab(
        "transcript",
        _("AI transcript"),
        "turns",
        note=note if talk.turns else _("used none"),
        turns=talk.turns,
        moments=talk.moments,
        files_words=_("%(n)s more turns are not shown here.") % {"n": talk.more}
        if talk.more
        else "",
    )


def _task_tabs(version: ExerciseVersion, *, has_review: bool) -> list[Tab]:
    tabs = []
    if version.questions:
        tabs.append(Tab("questions", _("Questions"), "questions", note=str(len(version.questions))))
    files = [] if has_review else _files(version, [])[0]
    tabs.append(Tab("task", _("Task"), "task", files=files))
    return tabs


def _comment(item: dict[str, Any], mark: catches.Mark) -> dict[str, Any]:
    label = CATEGORIES.get(item.get("category", ""), item.get("category", ""))
    return {**item, "uuid": item["id"], "category_label": label, "mark": mark}


def _files(
    version: ExerciseVersion, comments: list[dict[str, Any]]
) -> tuple[list[CodeFile], list[dict[str, Any]]]:
    """The artefacts with each comment under its last line, and comments that fit no line."""
    total = sum(len(code_lines(artefact["text"])) for artefact in version.artefacts)
    files: list[CodeFile] = []
    placed: set[str] = set()
    for number, artefact in enumerate(version.artefacts, 1):
        path, text = artefact["path"], artefact["text"]
        here = [c for c in comments if c["file"] == path and c["end"] <= len(code_lines(text))]
        placed.update(c["uuid"] for c in here)
        language = language_of(path) or version.language
        files.append(
            CodeFile(
                path,
                _lines(
                    text,
                    language if total <= COLOURED_LINES else "",
                    prefix=_prefix(number),
                    comments=here,
                ),
                comments=len(here),
                prefix=_prefix(number),
            )
        )
    return files, [c for c in comments if c["uuid"] not in placed]


def _lines(
    text: str, language: str, *, prefix: str, comments: Iterable[dict[str, Any]]
) -> list[Line]:
    marked: set[int] = set()
    by_end: dict[int, list[dict[str, Any]]] = {}
    for comment in comments:
        marked.update(range(comment["start"], comment["end"] + 1))
        by_end.setdefault(comment["end"], []).append(comment)
    return [
        Line(number, f"{prefix}L{number}", html, number in marked, by_end.get(number, []))
        for number, html in enumerate(highlight_lines(text[:HIGHLIGHT_LIMIT], language), 1)
    ]


def _key(
    scorecard: Scorecard, version: ExerciseVersion, matrix: catches.Matrix | None
) -> list[KeyRow]:
    paths = [artefact["path"] for artefact in version.artefacts]
    rows = [
        KeyRow(
            slug=flaw.slug,
            code=flaw.code,
            title=flaw.title,
            severity="decoy" if flaw.is_decoy else flaw.severity,
            file=flaw.file,
            anchor=flaw.anchor,
            href=_href(flaw, paths),
            harm=flaw.harm,
            found_when=flaw.found_when,
            is_decoy=flaw.is_decoy,
            weight=0 if flaw.is_decoy else SEVERITY_WEIGHT.get(flaw.severity, 1),
            catch=matrix.flaws.get(flaw.slug) if matrix else None,
            **_ticked(scorecard, flaw.slug),
        )
        for flaw in version.flaws.all()
    ]
    rows += [
        KeyRow(
            slug=point["id"],
            code=f"E{number}",
            title=point["title"],
            severity="",
            file="",
            anchor="",
            href="",
            harm=point.get("why", ""),
            found_when=point["found_when"],
            is_decoy=False,
            **_ticked(scorecard, point["id"]),
        )
        for number, point in enumerate(version.expects, 1)
    ]
    return rows


def _ticked(scorecard: Scorecard, slug: str) -> dict[str, Any]:
    entry = scorecard.fields.get(f"flaw:{slug}", {})
    return {"value": entry.get("v") or "", "rev": entry.get("rev", 0)}


def _href(flaw: Flaw, paths: list[str]) -> str:
    if flaw.file not in paths or not flaw.lines:
        return ""
    return f"#{_prefix(paths.index(flaw.file) + 1)}L{flaw.lines[0][0]}"


def _prefix(number: int) -> str:
    """Keeps the ids of lines apart when there is more than one file."""
    return "" if number == 1 else f"f{number}-"


def _probes(scorecard: Scorecard, version: ExerciseVersion) -> list[dict[str, Any]]:
    """The probes in their order, each with the note on its answer."""
    notes = catches.kept_of(scorecard, []).probes
    titles = {flaw.slug: f"{flaw.code} {flaw.title}" for flaw in version.flaws.all()}
    titles |= {point["id"]: point["title"] for point in version.expects}
    return [
        {
            **probe,
            "title": titles.get(probe.get("about", ""), ""),
            "about": probe.get("about", ""),
            "field": f"probe:{number}",
            "note": notes.get(str(number), ""),
            "rev": scorecard.fields.get(f"probe:{number}", {}).get("rev", 0),
        }
        for number, probe in enumerate(version.probes, 1)
    ]


def _samples(version: ExerciseVersion, level: Level) -> list[Text]:
    """What a strong, a fair and a weak answer at the job's level looks like."""
    titles = {"strong": _("Strong"), "fair": _("Fair"), "weak": _("Weak")}
    found = version.answers.get(level.key, {})
    return [Text(key, title, found[key]) for key, title in titles.items() if found.get(key)]


def _comments(count: int) -> str:
    return ngettext("%(n)s comment", "%(n)s comments", count) % {"n": count}
