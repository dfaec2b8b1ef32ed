"""Reads behind one exercise: its key with what is known of it, its standard, its editions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import reachable
from exercises.models import ExerciseVersion, Flaw
from exercises.queries.library import (
    File,
    counted,
    files_of,
    key_words,
    part_with,
    parts_of,
    proof_state,
)
from lib.diff import FileChange, Row, changed_files, compare
from rubrics.models import Anchor, Criterion, Level, RubricVersion

# Rows of a comparison on one page, seven elements each.
ROWS = 300

Tab = dict[str, Any]


def tabs(version: ExerciseVersion, user: User, current: str) -> list[Tab]:
    """The row of tabs; key and statistics are pages of `screening`, which knows the work."""
    at = reverse("exercise", args=[version.pk])
    rows: list[tuple[str, str, str, object]] = [
        ("brief", at, _("Candidate’s view"), ""),
        ("key", reverse("exercise_key", args=[version.pk]), _("Answer key"), key_words(version)),
        *([("fix", f"{at}?tab=fix", _("The fix"), "")] if version.reference else []),
        ("rubric", f"{at}?tab=rubric", _("Rubric"), ""),
        ("probes", f"{at}?tab=probes", _("Probes"), len(version.probes) or ""),
        ("answers", f"{at}?tab=answers", _("Samples and baseline"), ""),
        ("history", f"{at}?tab=history", _("History"), ""),
    ]
    if reachable("statistics.read", user):
        url = reverse("exercise_statistics", args=[version.pk])
        rows.append(("statistics", url, _("Statistics"), ""))
    return [
        {"url": url, "label": label, "note": note, "current": name == current}
        for name, url, label, note in rows
    ]


def version_rows(user: User) -> QuerySet[ExerciseVersion]:
    """Every version this user may see, with its counts."""
    return counted(ExerciseVersion.objects.visible_to(user).select_related("exercise"))


def frame(version: ExerciseVersion, user: User, tab: str) -> dict[str, Any]:
    """What every tab of an exercise shows above itself."""
    return {
        "nav": "exercises",
        "version": version,
        "tabs": tabs(version, user, tab),
        "proof": proof_state(version),
        "may_author": reachable("exercise.author", user),
    }


@dataclass(frozen=True)
class KeyRow:
    """One flaw or decoy with everything the library knows of it."""

    flaw: Flaw
    url: str
    line_url: str
    proof: str
    probes: list[dict[str, Any]]
    is_open: bool
    found: Any


@dataclass(frozen=True)
class KeyPage:
    rows: list[KeyRow]
    files: list[File]
    part: int
    parts: int
    is_all_open: bool
    points: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)


def key_page(
    version: ExerciseVersion, *, chosen: str, part: str, found: Mapping[str, Any]
) -> KeyPage:
    """The key beside the lines: one flaw open with its lines marked, the first one if none is.

    `found` tells by id how often an item was found, to whoever may know that.
    """
    flaws = list(version.flaws.all())
    is_all = chosen == "all"
    marked = next((flaw for flaw in flaws if flaw.code == chosen), None)
    if marked is None and not is_all and flaws:
        marked = flaws[0]
    parts = parts_of(files_of(version, flaws=flaws, marked=marked))
    number = _number(part, len(parts))
    if number == 0:
        number = part_with(parts, marked.file, marked.lines[0][0]) if marked else 1
    places = {file.path: file.anchor for part_ in parts for file in part_}
    return KeyPage(
        rows=[
            replace(
                _key_row(version, flaw, parts, places, is_open=is_all or flaw == marked),
                found=found.get(flaw.slug),
            )
            for flaw in flaws
        ],
        files=parts[number - 1],
        part=number,
        parts=len(parts),
        is_all_open=is_all,
        points=[
            {**_with_proof(version, item), "found": found.get(item["id"])}
            for item in version.expects
        ],
        questions=[_with_proof(version, item) for item in version.questions],
    )


def _number(given: str, last: int) -> int:
    """A part that exists, or 0."""
    return int(given) if given.isdecimal() and len(given) < 5 and 1 <= int(given) <= last else 0


def part_of(version: ExerciseVersion, given: str) -> tuple[list[File], int, int]:
    """The files as a candidate has them: one part, its number, how many there are."""
    parts = parts_of(files_of(version))
    number = _number(given, len(parts)) or 1
    return parts[number - 1], number, len(parts)


def _key_row(
    version: ExerciseVersion,
    flaw: Flaw,
    parts: Sequence[Sequence[File]],
    places: Mapping[str, str],
    *,
    is_open: bool,
) -> KeyRow:
    first = flaw.lines[0][0] if flaw.lines else 1
    part = part_with(parts, flaw.file, first)
    return KeyRow(
        flaw=flaw,
        url=f"?flaw={flaw.code}#flaw-{flaw.code}",
        line_url=f"?flaw={flaw.code}&part={part}#{places.get(flaw.file, 'f1')}-L{first}",
        proof=proof_words(
            version,
            flaw.slug,
            shown=_("it holds on these files and on the fix: the line is right")
            if flaw.is_decoy
            else _("the harm is shown on these files, and gone on the fix"),
        ),
        probes=[probe for probe in version.probes if probe.get("about") == flaw.slug],
        is_open=is_open,
        found=None,
    )


def _with_proof(version: ExerciseVersion, item: dict[str, Any]) -> dict[str, Any]:
    return {
        **item,
        "proof_words": proof_words(
            version, item["id"], shown=_("it holds on the reference, and not on the starter")
        )
        if item.get("proof")
        else "",
        "probes": [one for one in version.probes if one.get("about", "") == item.get("id")],
    }


def proof_words(version: ExerciseVersion, item: str, *, shown: str) -> str:
    """What the proofs last said of one item, in words; `shown` says what one that holds shows."""
    state = version.proof_states.get(item, "proven" if version.is_proven else "")
    return {
        "proven": shown,
        "disagrees": _("disagrees: the proof does not show it"),
        "not run": _("not run: a tool was missing"),
        "no proof": _("no proof"),
    }.get(state, _("not run here"))


@dataclass(frozen=True)
class Standard:
    """A criterion that the exercise shows, as it reads at one level."""

    criterion: Criterion
    anchors: list[Anchor]


def standards(
    version: ExerciseVersion, level: Level
) -> tuple[RubricVersion | None, list[Standard]]:
    """The criteria of the newest rubric that knows most of them, with the anchors of a level."""
    rows = (
        Criterion.objects.filter(key__in=version.criteria, version__status="published")
        .select_related("version__rubric")
        .order_by("version__published_at", "version__number", "position")
    )
    of: dict[RubricVersion, list[Criterion]] = {}
    for row in rows:
        of.setdefault(row.version, []).append(row)
    if not of:
        return None, []
    most = max(len(criteria) for criteria in of.values())
    rubric = [edition for edition, criteria in of.items() if len(criteria) == most][-1]
    anchors: dict[Any, dict[int, Anchor]] = {}
    for anchor in Anchor.objects.for_level(level).filter(criterion__in=of[rubric]):
        # A level's own anchor comes after the general one and takes its place.
        anchors.setdefault(anchor.criterion_id, {})[anchor.point] = anchor
    order = {key: place for place, key in enumerate(version.criteria)}
    return rubric, [
        Standard(one, [anchor for _, anchor in sorted(anchors.get(one.pk, {}).items())])
        for one in sorted(of[rubric], key=lambda one: order[one.key])
    ]


def editions(version: ExerciseVersion, user: User) -> QuerySet[ExerciseVersion]:
    """All published versions of the same exercise this user may see, newest first."""
    found = ExerciseVersion.objects.visible_to(user).filter(exercise=version.exercise_id)
    return found.only("number", "published_at", "is_proven", "exercise").order_by("-number")


def fix_of(version: ExerciseVersion) -> list[FileChange]:
    """What the reference changes in the files that a candidate gets."""
    before, after = (
        {file["path"]: file["text"] for file in files}
        for files in (version.artefacts, version.reference)
    )
    return changed_files(before, after)


@dataclass(frozen=True)
class FileDiff:
    path: str
    state: str
    rows: list[Row]
    left_out: int


def diffs(changes: Sequence[FileChange], *, only: str = "") -> list[FileDiff]:
    """The files side by side, as many rows as a page can bear; `only` asks for one file."""
    left = ROWS
    made = []
    for change in changes:
        if only and change.path != only:
            continue
        rows = compare(change.old, change.new)
        made.append(FileDiff(change.path, change.state, rows[:left], max(0, len(rows) - left)))
        left = max(0, left - len(rows))
    return made
