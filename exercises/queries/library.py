"""Reads behind the library's list and the code on its pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from accounts.models import User
from exercises.baseline import Baseline, read_baseline
from exercises.models import ExerciseVersion, Flaw
from lib.code import highlight_lines, language_of
from rubrics.models import Skill

# What one page may show of code, in elements: the budget of a page less its frame and its key.
NODES = 1_700
# Whole texts, of no use on a list.
HEAVY = ("artefacts", "reference", "brief", "brief_html", "answers", "probes", "proof_states")


@dataclass(frozen=True)
class Card:
    """One exercise of the list."""

    version: ExerciseVersion
    skills: list[str]
    baseline: Baseline | None
    holds: str
    proof: str


def library(user: User) -> QuerySet[ExerciseVersion]:
    """The newest version of each exercise this user may see, with how often it was given."""
    return counted(ExerciseVersion.objects.visible_to(user).latest()).order_by("title", "pk")


def counted(versions: QuerySet[ExerciseVersion]) -> QuerySet[ExerciseVersion]:
    given = Q(assignments__isnull=False) & ~Q(assignments__status="cancelled")
    return versions.annotate(
        times_used=Count("assignments", filter=given, distinct=True),
        flaw_count=Count("flaws", filter=Q(flaws__is_decoy=False), distinct=True),
        decoy_count=Count("flaws", filter=Q(flaws__is_decoy=True), distinct=True),
    )


def key_words(version: ExerciseVersion) -> str:
    """What the key holds, in words: 6 flaws, 1 decoy."""
    flaws = getattr(version, "flaw_count", 0)
    decoys = getattr(version, "decoy_count", 0)
    points, questions = len(version.expects), len(version.questions)
    words = []
    if flaws:
        words.append(ngettext("%(n)d flaw", "%(n)d flaws", flaws) % {"n": flaws})
    if decoys:
        words.append(ngettext("%(n)d decoy", "%(n)d decoys", decoys) % {"n": decoys})
    if points:
        words.append(ngettext("%(n)d point", "%(n)d points", points) % {"n": points})
    if questions:
        words.append(ngettext("%(n)d question", "%(n)d questions", questions) % {"n": questions})
    return ", ".join(words)


def proof_state(version: ExerciseVersion) -> str:
    """flaws, answers, nothing (there is nothing to prove) or open (not proven)."""
    if not version.is_proven:
        return "open"
    if getattr(version, "flaw_count", 0):
        return "flaws"
    is_proved = any(item.get("proof") for item in (*version.questions, *version.expects))
    return "answers" if is_proved else "nothing"


def cards(versions: Sequence[ExerciseVersion]) -> list[Card]:
    names = dict(Skill.objects.values_list("key", "name"))
    return [
        Card(
            version=version,
            skills=[names.get(key, key) for key in version.skills],
            baseline=read_baseline(version.baseline),
            holds=key_words(version),
            proof=proof_state(version),
        )
        for version in versions
    ]


@dataclass(frozen=True)
class Line:
    number: int
    html: SafeString
    flaws: tuple[Flaw, ...] = ()
    is_marked: bool = False

    @property
    def nodes(self) -> int:
        return 4 + self.html.count("<span") + 2 * len(self.flaws)


@dataclass(frozen=True)
class File:
    """A file, or the part of it that a page shows; `total` counts all its lines."""

    path: str
    anchor: str
    lines: tuple[Line, ...]
    total: int

    @property
    def is_whole(self) -> bool:
        return len(self.lines) == self.total

    @property
    def first(self) -> int:
        return self.lines[0].number if self.lines else 0

    @property
    def last(self) -> int:
        return self.lines[-1].number if self.lines else 0


def files_of(
    version: ExerciseVersion, *, flaws: Sequence[Flaw] = (), marked: Flaw | None = None
) -> list[File]:
    """The artefacts line by line, each line with the flaws that begin there.

    Without `flaws` nothing of the answer key is in the result.
    """
    starts: dict[tuple[str, int], tuple[Flaw, ...]] = {}
    for flaw in flaws:
        for first, _last in flaw.lines:
            starts[flaw.file, first] = (*starts.get((flaw.file, first), ()), flaw)
    found = []
    for number, file in enumerate(version.artefacts, start=1):
        path = file["path"]
        spans = marked.lines if marked and marked.file == path else []
        lines = tuple(
            Line(
                number=n,
                html=html,
                flaws=starts.get((path, n), ()),
                is_marked=any(first <= n <= last for first, last in spans),
            )
            for n, html in enumerate(highlight_lines(file["text"], language_of(path)), start=1)
        )
        found.append(File(path=path, anchor=f"f{number}", lines=lines, total=len(lines)))
    return found


def parts_of(files: Sequence[File], *, budget: int = NODES) -> list[list[File]]:
    """The files in parts that a page can bear; most exercises have one."""
    parts: list[list[File]] = [[]]
    left = budget
    for file in files:
        for piece in _pieces(file, left, budget):
            nodes = sum(line.nodes for line in piece.lines)
            if parts[-1] and nodes > left:
                parts.append([])
                left = budget
            parts[-1].append(piece)
            left -= nodes
    return parts


def _pieces(file: File, left: int, budget: int) -> Iterator[File]:
    taken: list[Line] = []
    for line in file.lines:
        if taken and line.nodes > left:
            yield replace(file, lines=tuple(taken))
            taken, left = [], budget
        taken.append(line)
        left -= line.nodes
    yield replace(file, lines=tuple(taken))


def part_with(parts: Sequence[Sequence[File]], path: str, line: int) -> int:
    """Which part shows this line, counted from 1."""
    for number, part in enumerate(parts, start=1):
        if any(file.path == path and file.first <= line <= file.last for file in part):
            return number
    return 1
