"""What a panel member reads on the left of a scorecard: the work, the task and the answer key."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises.matching import SEVERITY_WEIGHT
from exercises.models import Category, ExerciseVersion, Flaw, Kind
from lib.code import code_lines
from rubrics.models import Level
from screening.models import Assignment, Scorecard, Submission
from screening.queries import catches
from screening.queries.late import LatePart, late_parts
from screening.queries.parts import Part, href, part_at
from screening.queries.portfolio import Link, Piece, has_pieces, links_of, pieces
from screening.queries.schema import Schema, given_of, schema_of, takes_sql
from screening.queries.scorecards import can_be_scored
from screening.queries.turns import Turn, conversation_of
from screening.queries.work_files import (
    Code,
    artefact_parts,
    artefacts,
    number_of,
    prefix,
    source,
)

CATEGORIES = dict(Category.choices)


@dataclass(frozen=True)
class Text:
    """An answer in words, quotable under its anchor."""

    anchor: str
    title: str
    text: str


@dataclass(frozen=True)
class Hint:
    """Something about a line of a schema, and the address of that line."""

    line: int
    words: str
    href: str


@dataclass
class Tab:
    """One thing to read; `kind` is the part of the template that shows it."""

    id: str
    label: str
    kind: str
    note: str = ""
    code: Code = field(default_factory=Code)
    texts: list[Text] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    moments: list[Turn] = field(default_factory=list)
    files_words: str = ""
    schema: Schema | None = None
    hints: list[Hint] = field(default_factory=list)
    problems: list[Hint] = field(default_factory=list)
    not_understood: list[Hint] = field(default_factory=list)
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
        return any(tab.turns or any(file.comments for file in tab.code.files) for tab in self.tabs)

    @property
    def planted(self) -> int:
        return sum(not row.is_decoy for row in self.key)

    @property
    def found(self) -> int:
        return sum(row.value == "found" for row in self.key)

    @property
    def partly(self) -> int:
        return sum(row.value == "partly" for row in self.key)


def work_of(scorecard: Scorecard, *, part: int = 1) -> Work:
    """The work of one assignment. Nothing of the candidate's before it is handed in.

    `part` is which lines of a long work are shown.
    """
    assignment = scorecard.assignment
    version = assignment.exercise_version
    is_in = can_be_scored(assignment)
    handed_in = _submission(assignment) if is_in else None
    comments = handed_in.comments if handed_in else []
    parts = artefact_parts(version) if version else []
    shown = part_at(parts, part)
    elsewhere = {
        one["id"]: number
        for one in comments
        if (number := number_of(parts, shown, one["file"], one["end"])) != shown.number
    }
    matrix = (
        catches.matrix_of(scorecard, version, comments, elsewhere=elsewhere) if version else None
    )
    tabs: list[Tab] = []
    if handed_in:
        tabs += _candidates_tabs(handed_in, version, matrix, part)
    if version:
        has_review = any(tab.id == "review" for tab in tabs)
        tabs += _task_tabs(version, part, has_review=has_review)
    return Work(
        tabs=tabs,
        key=_key(scorecard, version, matrix, parts, shown) if version else [],
        probes=_probes(scorecard, version) if version else [],
        samples=_samples(version, assignment.application.job.level) if version else [],
        is_in=is_in,
        matrix=matrix,
        late=late_parts(handed_in, assignment),
    )


def _submission(assignment: Assignment) -> Submission | None:
    return getattr(assignment, "submission", None)


def _candidates_tabs(
    work: Submission, version: ExerciseVersion | None, matrix: catches.Matrix | None, part: int
) -> list[Tab]:
    tabs = [
        _review(work, version, matrix, part),
        _schema(work, version, part),
        _portfolio(work, version),
        _summary(work, version),
        _transcript(work),
    ]
    return [tab for tab in tabs if tab]


def _review(
    work: Submission, version: ExerciseVersion | None, matrix: catches.Matrix | None, part: int
) -> Tab | None:
    if version is None or matrix is None:
        return None
    comments = [_comment(item, matrix.marks[item["id"]]) for item in work.comments]
    note = str(len(comments)) if comments else _("no comments")
    return Tab("review", _("Review"), "code", note=note, code=artefacts(version, comments, part))


def _schema(work: Submission, version: ExerciseVersion | None, part: int) -> Tab | None:
    ddl = work.value("ddl")
    if not ddl:
        return None
    is_change = version is not None and version.kind == Kind.AI_ASSISTED
    language = version.language if version and is_change else "postgresql"
    label = _("Change") if is_change else _("Schema")
    code = source(label, ddl, language=language, number=part)
    is_other = version is not None and version.kind == Kind.DATA_MODEL and not takes_sql(version)
    read = (
        None if is_change or is_other else schema_of(ddl, given=given_of(version), for_panel=True)
    )

    def hint(line: int, words: str) -> Hint:
        number = number_of(code.parts, code.part, label, line)
        return Hint(line, words, href(f"ddl-L{line}", number, code.part))

    count = len(code_lines(ddl))
    lines = ngettext("%(n)s line", "%(n)s lines", count) % {"n": count}
    tab = Tab("schema", label, "code", note=lines, code=code, schema=read)
    if read:
        tab.hints = [hint(x.line, x.words) for x in read.facts if code.part.shows(label, x.line)]
        tab.problems = [hint(x.line, x.message) for x in read.problems]
        tab.not_understood = [hint(x.line, x.words) for x in read.not_understood]
    return tab


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


def _task_tabs(version: ExerciseVersion, part: int, *, has_review: bool) -> list[Tab]:
    tabs = []
    if version.questions:
        tabs.append(Tab("questions", _("Questions"), "questions", note=str(len(version.questions))))
    code = Code() if has_review else artefacts(version, [], part)
    tabs.append(Tab("task", _("Task"), "task", code=code))
    return tabs


def _comment(item: dict[str, Any], mark: catches.Mark) -> dict[str, Any]:
    label = CATEGORIES.get(item.get("category", ""), item.get("category", ""))
    return {**item, "uuid": item["id"], "category_label": label, "mark": mark}


def _key(
    scorecard: Scorecard,
    version: ExerciseVersion,
    matrix: catches.Matrix | None,
    parts: list[Part],
    shown: Part,
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
            href=_href(flaw, paths, parts, shown),
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


def _href(flaw: Flaw, paths: list[str], parts: list[Part], shown: Part) -> str:
    if flaw.file not in paths or not flaw.lines:
        return ""
    line = flaw.lines[0][0]
    anchor = f"{prefix(paths.index(flaw.file) + 1)}L{line}"
    return href(anchor, number_of(parts, shown, flaw.file, line), shown)


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
