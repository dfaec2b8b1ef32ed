"""Reads behind the library's pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.safestring import SafeString

from accounts.models import User
from exercises.models import ExerciseVersion, Flaw
from lib.code import highlight_lines, language_of


@dataclass(frozen=True)
class Line:
    number: int
    html: SafeString
    flaws: list[Flaw]


@dataclass(frozen=True)
class File:
    path: str
    anchor: str
    lines: list[Line]


def library(user: User) -> QuerySet[ExerciseVersion]:
    """The newest version of each exercise this user may see, with how often it was given."""
    return (
        ExerciseVersion.objects.visible_to(user)
        .latest()
        .annotate(
            times_used=Count(
                "assignments", filter=~Q(assignments__status="cancelled"), distinct=True
            ),
            flaw_count=Count("flaws", filter=Q(flaws__is_decoy=False), distinct=True),
            decoy_count=Count("flaws", filter=Q(flaws__is_decoy=True), distinct=True),
        )
        .order_by("title")
    )


def files_of(version: ExerciseVersion, *, flaws: Sequence[Flaw] = ()) -> list[File]:
    """The artefacts line by line, each line with the flaws that begin there.

    Without `flaws` nothing of the answer key is in the result.
    """
    starts: dict[tuple[str, int], list[Flaw]] = {}
    for flaw in flaws:
        for first, _last in flaw.lines:
            starts.setdefault((flaw.file, first), []).append(flaw)
    found = []
    for number, file in enumerate(version.artefacts, start=1):
        path = file["path"]
        rows = highlight_lines(file["text"], language_of(path))
        lines = [Line(n, html, starts.get((path, n), [])) for n, html in enumerate(rows, start=1)]
        found.append(File(path=path, anchor=f"f{number}", lines=lines))
    return found
