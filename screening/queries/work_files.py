"""The files of a work as a panel member reads them, each comment under its last line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises.models import ExerciseVersion
from lib.code import HIGHLIGHT_LIMIT, code_lines, highlight_lines, language_of
from screening.queries.parts import Part, part_at, parts_of

# Colours cost about ten nodes a line; over this a page would be heavier than its budget.
COLOURED_LINES = 180
# A scorecard has room for so many lines beside key and criteria; a schema has its diagram too.
LINES_OF_PART = 300
LINES_OF_SCHEMA = 200


@dataclass(frozen=True)
class Line:
    number: int
    id: str
    html: SafeString
    is_marked: bool
    comments: list[dict[str, Any]]


@dataclass(frozen=True)
class CodeFile:
    """A file, or the lines of it that belong to one part of a long work."""

    path: str
    lines: list[Line]
    total: int
    prefix: str = ""

    @property
    def comments(self) -> int:
        return sum(len(line.comments) for line in self.lines)

    @property
    def words(self) -> str:
        words = ngettext("%(n)s line", "%(n)s lines", self.total) % {"n": self.total}
        if len(self.lines) != self.total:
            told = {"first": self.lines[0].number, "last": self.lines[-1].number, "lines": words}
            words = _("%(first)s–%(last)s of %(lines)s") % told
        count = self.comments
        if not count:
            return words
        return f"{words}, {ngettext('%(n)s comment', '%(n)s comments', count) % {'n': count}}"


@dataclass(frozen=True)
class Code:
    """One part of a work's files, and where its other parts and their comments are."""

    parts: list[Part] = field(default_factory=list)
    part: Part = field(default_factory=lambda: Part(1, []))
    files: list[CodeFile] = field(default_factory=list)
    elsewhere: list[dict[str, Any]] = field(default_factory=list)
    # Comments on lines that no file has.
    stray: list[dict[str, Any]] = field(default_factory=list)


def number_of(parts: Sequence[Part], shown: Part, file: str, line: int) -> int:
    """Which part shows that line; the one shown if none does."""
    return next((part.number for part in parts if part.shows(file, line)), shown.number)


def artefact_parts(version: ExerciseVersion) -> list[Part]:
    files = ((file["path"], len(code_lines(file["text"]))) for file in version.artefacts)
    return parts_of(files, most=LINES_OF_PART)


def artefacts(version: ExerciseVersion, comments: list[dict[str, Any]], number: int) -> Code:
    parts = artefact_parts(version)
    shown = part_at(parts, number)
    numbers = {file["path"]: place for place, file in enumerate(version.artefacts, 1)}
    texts = {file["path"]: file["text"] for file in version.artefacts}
    here = [one for one in comments if shown.has(one)]
    others = [(part.number, one) for part in parts for one in comments if part.has(one)]
    placed = {one["uuid"] for _number, one in others}
    is_coloured = sum(len(code_lines(text)) for text in texts.values()) <= COLOURED_LINES
    return Code(
        parts=parts,
        part=shown,
        files=[
            _file(
                path,
                texts[path],
                language=(language_of(path) or version.language) if is_coloured else "",
                prefix=prefix(numbers[path]),
                span=(first, last),
                comments=[one for one in here if one["file"] == path],
            )
            for path, first, last in shown.spans
        ],
        elsewhere=[{**one, "part": at} for at, one in others if at != shown.number],
        stray=[one for one in comments if one["uuid"] not in placed],
    )


def source(label: str, text: str, *, language: str, number: int) -> Code:
    """A text of the candidate's own, such as a schema."""
    text = text[:HIGHLIGHT_LIMIT]
    count = len(code_lines(text))
    parts = parts_of([(label, count)], most=LINES_OF_SCHEMA)
    shown = part_at(parts, number)
    language = language if count <= COLOURED_LINES else ""
    files = [
        _file(label, text, language=language, prefix="ddl-", span=(first, last), comments=[])
        for _label, first, last in shown.spans
    ]
    return Code(parts=parts, part=shown, files=files)


def prefix(number: int) -> str:
    """Keeps the ids of lines apart when there is more than one file."""
    return "" if number == 1 else f"f{number}-"


def _file(
    path: str,
    text: str,
    *,
    language: str,
    prefix: str,
    span: tuple[int, int],
    comments: Iterable[dict[str, Any]],
) -> CodeFile:
    marked: set[int] = set()
    by_end: dict[int, list[dict[str, Any]]] = {}
    for comment in comments:
        marked.update(range(comment["start"], comment["end"] + 1))
        by_end.setdefault(comment["end"], []).append(comment)
    first, last = span
    every = highlight_lines(text, language)
    lines = [
        Line(number, f"{prefix}L{number}", html, number in marked, by_end.get(number, []))
        for number, html in enumerate(every[first - 1 : last], first)
    ]
    return CodeFile(path, lines, len(every), prefix)
