"""An exercise as its author keeps it: a folder of files, read and checked in one go."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exercises.folder_check import (
    CRITIQUE_KINDS,
    DESIGN_KINDS,
    GRADES,
    KEY,
    TALK_KINDS,
    Check,
    Files,
    FolderError,
    Lines,
    ranges,
)
from exercises.folder_yaml import Document, Problem, check_schema

__all__ = [
    "CRITERIA",
    "CRITIQUE_KINDS",
    "DESIGN_KINDS",
    "GRADES",
    "LEVELS",
    "TALK_KINDS",
    "Decoy",
    "ExerciseFolder",
    "Expect",
    "Flaw",
    "FolderError",
    "Place",
    "Probe",
    "Problem",
    "Question",
    "read_folder",
]

CRITERIA = (
    "data_modelling",
    "data_integrity",
    "security_instinct",
    "api_judgment",
    "system_thinking",
    "finds_defects",
    "ranks_by_harm",
    "judging_ai",
    "fix_that_holds",
    "ownership",
    "communication",
)
LEVELS = ("entry", "mid", "senior")


@dataclass(frozen=True)
class Place:
    file: str
    lines: Lines


@dataclass(frozen=True)
class Flaw:
    """A planted defect; `also` lists further places its fix changes."""

    id: str
    file: str
    lines: Lines
    severity: str
    category: str
    level: str
    title: str
    harm: str
    found_when: str
    contextual: bool = False
    proof: str = ""
    needs: tuple[str, ...] = ()
    also: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Decoy:
    """A line that only looks wrong."""

    id: str
    file: str
    lines: Lines
    title: str
    why_fine: str
    proof: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expect:
    """A point that a strong design contains."""

    id: str
    title: str
    weight: int
    level: str
    found_when: str
    why: str = ""
    proof: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """Asked of a data model (with a proof on the reference) or of a person in an interview."""

    id: str
    ask: str
    answer: str = ""
    listens_for: str = ""
    red_flags: tuple[str, ...] = ()
    follow_ups: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    level: str = ""
    proof: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """A ladder of follow-up questions, about one item of the key or in general."""

    ask: tuple[str, ...]
    listens_for: str
    about: str = ""


@dataclass(frozen=True)
class ExerciseFolder:
    """One exercise, whole: artefacts and reference map a relative path to its text."""

    path: Path
    slug: str
    title: str
    kind: str
    levels: tuple[str, ...]
    minutes: int
    ai_policy: str
    language: str
    skills: tuple[str, ...]
    criteria: tuple[str, ...]
    needs: tuple[str, ...]
    flaws: tuple[Flaw, ...]
    decoys: tuple[Decoy, ...]
    expects: tuple[Expect, ...]
    questions: tuple[Question, ...]
    probes: tuple[Probe, ...]
    brief: str
    baseline: str
    content_hash: str
    files: dict[str, str] = field(hash=False)  # everything in it, as an export writes it again
    artefacts: dict[str, str] = field(hash=False)
    reference: dict[str, str] = field(hash=False)
    answers: dict[str, dict[str, str]] = field(hash=False)


def read_folder(
    path: Path | str,
    *,
    criteria: Collection[str] = CRITERIA,
    levels: Collection[str] = LEVELS,
) -> ExerciseFolder:
    """Reads and checks one exercise folder; raises FolderError with every problem found."""
    root = Path(path)
    files = Files(root)
    document = Document(file=KEY, text=files.text.get(KEY, ""))
    problems = list(files.problems)
    if KEY in files.text:
        if document.data is not None or not document.problems:
            check_schema(document)
        if isinstance(document.data, dict):
            Check(document, files, frozenset(criteria), frozenset(levels)).all()
        problems += document.problems
    elif not any(problem.file == KEY for problem in problems):
        problems.append(Problem(KEY, 1, "the file is missing", "start from docs/exercises.md"))
    if problems:
        raise FolderError(problems)
    return _build(root, document.data, files)


def _build(root: Path, data: dict[str, Any], files: Files) -> ExerciseFolder:
    common = tuple(data.get("needs", ()))
    answers: dict[str, dict[str, str]] = {}
    for name, text in files.under("answers").items():
        level, grade = name.removesuffix(".md").split("/")
        answers.setdefault(level, {})[grade] = text
    return ExerciseFolder(
        path=root,
        slug=data["slug"],
        title=data["title"],
        kind=data["kind"],
        levels=tuple(data["levels"]),
        minutes=data["minutes"],
        ai_policy=data["ai_policy"],
        skills=tuple(data["skills"]),
        criteria=tuple(data["criteria"]),
        language=data.get("language", "").lower(),
        needs=common,
        flaws=tuple(Flaw(**_item(item, common)) for item in data.get("flaws", ())),
        decoys=tuple(Decoy(**_item(item, common)) for item in data.get("decoys", ())),
        expects=tuple(Expect(**_item(item, common)) for item in data.get("expects", ())),
        questions=tuple(
            Question(**{"id": f"question-{number}", **_item(item, common)})
            for number, item in enumerate(data.get("questions", ()), start=1)
        ),
        probes=tuple(Probe(**_item(item, None)) for item in data.get("probes", ())),
        brief=files.text["brief.md"],
        baseline=files.text.get("baseline.md", ""),
        content_hash=files.content_hash,
        files=files.text,
        artefacts=files.under("artefacts"),
        reference=files.under("reference"),
        answers=answers,
    )


def _item(item: dict[str, Any], common: tuple[str, ...] | None) -> dict[str, Any]:
    built = {key: tuple(value) if isinstance(value, list) else value for key, value in item.items()}
    if "lines" in item:
        built["lines"] = ranges(item["lines"])
    if "also" in item:
        built["also"] = tuple(
            Place(file=place["file"], lines=ranges(place.get("lines", [])))
            for place in item["also"]
        )
    if common is not None:
        built["needs"] = tuple(dict.fromkeys((*common, *item.get("needs", ()))))
    return built
