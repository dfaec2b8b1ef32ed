"""What the calibration engine is given, and its fit, kept by the fingerprint of what went in.

One group is all applications and jobs whose rubric versions share a `structure_hash`. Of it come in
the points of submitted scorecards that do not abstain, on assignments that were not cancelled.

An amended point goes in as it was first given (`Amendment.old_point` of the first amendment): the
panel amends after it has talked, and a judgement that has seen the others says nothing of how
strict its author is. The raw score shows the point as it stands now.

An application comes in once nobody owes a scorecard for it. Before, its points would move numbers
on other pages, and tell the one who still has to judge it that others have.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.cache import cache

from accounts.models import User
from rubrics import calibration, scoring
from rubrics.models import Criterion, CriterionLevel, RubricVersion
from screening.models import Amendment, Assignment, AssignmentStatus, Rating, Scorecard
from screening.models import ScorecardStatus as Status

KEPT_FOR = 7 * 24 * 3600
CANCELLED = AssignmentStatus.CANCELLED


@dataclass(frozen=True)
class Standard:
    """One rubric version as the engines read it; `order` are the keys of its levels, ascending."""

    version: RubricVersion
    criteria: Mapping[str, Criterion]
    levels: Mapping[str, scoring.LevelStandard]
    order: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """The input of one fit."""

    points: Sequence[calibration.Point]
    applications: Sequence[calibration.Application]
    levels: Sequence[scoring.LevelStandard]
    floor: Decimal
    labels: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """Where its fit is kept: a digest of all that can change a number or a sentence of it."""
        digest = hashlib.sha256(calibration.ENGINE_VERSION.encode())
        parts: tuple[Iterable[Any], ...] = (self.points, self.applications, self.levels)
        for row in (row for part in parts for row in part):
            digest.update(repr(row).encode())
        digest.update(json.dumps([str(self.floor), sorted(self.labels.items())]).encode())
        return f"calibration:{digest.hexdigest()}"


def standards(hashes: Collection[str]) -> dict[UUID, Standard]:
    """Every rubric version of these structures, by id."""
    rows = (
        CriterionLevel.objects.filter(criterion__version__structure_hash__in=hashes)
        .select_related("criterion__version__rubric", "criterion__skill", "level")
        .order_by("level__position", "criterion__position")
    )
    by_version: dict[UUID, list[CriterionLevel]] = {}
    for row in rows:
        by_version.setdefault(row.criterion.version_id, []).append(row)
    return {pk: _standard(of) for pk, of in by_version.items()}


def _standard(rows: Sequence[CriterionLevel]) -> Standard:
    levels: dict[str, dict[str, scoring.CriterionStandard]] = {}
    names: dict[str, str] = {}
    for row in rows:
        asked = scoring.CriterionStandard(row.weight, row.bar, row.is_must_pass)
        levels.setdefault(row.level.key, {})[row.criterion.key] = asked
        names[row.level.key] = row.level.name
    return Standard(
        version=rows[0].criterion.version,
        criteria={row.criterion.key: row.criterion for row in rows},
        levels={k: scoring.LevelStandard(k, names[k], of) for k, of in levels.items()},
        order=tuple(levels),
    )


def fits(known: Mapping[UUID, Standard]) -> dict[str, calibration.CalibrationResult]:
    """The fit of every structure among these standards, by its hash."""
    hashes = {standard.version.structure_hash for standard in known.values()}
    return {of: _fitted(group) for of, group in groups(hashes, known).items()}


def groups(hashes: Collection[str], known: Mapping[UUID, Standard]) -> dict[str, Group]:
    rows = _rows(hashes)
    first = _first_points(hashes)
    loops = _loops(hashes)
    people = {row["scorecard__interviewer_id"] for row in rows}
    labels = {str(u.pk): u.get_short_name() for u in User.objects.filter(pk__in=people)}
    return {
        of: _group(
            [
                row
                for row in rows
                if row["scorecard__assignment__rubric_version__structure_hash"] == of
            ],
            first=first,
            loops=loops,
            labels=labels,
            standards=[s for s in known.values() if s.version.structure_hash == of],
        )
        for of in hashes
    }


_ASSIGNMENT = "scorecard__assignment__"
_HASH = f"{_ASSIGNMENT}rubric_version__structure_hash"
_JOB = f"{_ASSIGNMENT}application__job_id"
_LEVEL = f"{_ASSIGNMENT}application__job__level__key"


def _rows(hashes: Collection[str]) -> list[dict[str, Any]]:
    owed = Scorecard.objects.filter(status=Status.DRAFT).exclude(assignment__status=CANCELLED)
    return list(
        Rating.objects.filter(
            scorecard__status=Status.SUBMITTED,
            scorecard__is_abstention=False,
            **{f"{_HASH}__in": hashes},
        )
        .exclude(scorecard__assignment__status=CANCELLED)
        .exclude(scorecard__assignment__application__in=owed.values("assignment__application"))
        .order_by("pk")
        .values(
            "pk",
            "point",
            "criterion__key",
            "scorecard_id",
            "scorecard__interviewer_id",
            "scorecard__assignment_id",
            f"{_ASSIGNMENT}application_id",
            f"{_ASSIGNMENT}exercise_version_id",
            f"{_ASSIGNMENT}stage_id",
            _HASH,
            _JOB,
            _LEVEL,
        )
    )


def _first_points(hashes: Collection[str]) -> dict[UUID, int | None]:
    """The point first given, of every rating that was amended."""
    found: dict[UUID, int | None] = {}
    rows = Amendment.objects.filter(**{f"rating__{_HASH}__in": hashes})
    for rating, point in rows.order_by("created_at", "pk").values_list("rating_id", "old_point"):
        found.setdefault(rating, point)
    return found


def _loops(hashes: Collection[str]) -> dict[UUID, tuple[str, ...]]:
    """The criteria any stage shows, by application."""
    found: dict[UUID, list[str]] = {}
    rows = Assignment.objects.live().filter(rubric_version__structure_hash__in=hashes)
    for application, keys in rows.order_by("position", "pk").values_list(
        "application_id", "criteria"
    ):
        found.setdefault(application, []).extend(keys)
    return {application: tuple(dict.fromkeys(keys)) for application, keys in found.items()}


def _group(
    rows: Sequence[Mapping[str, Any]],
    *,
    first: Mapping[UUID, int | None],
    loops: Mapping[UUID, tuple[str, ...]],
    labels: Mapping[str, str],
    standards: Sequence[Standard],
) -> Group:
    newest = max(standards, key=lambda s: (str(s.version.published_at or ""), s.version.number))
    points = []
    applications: dict[str, calibration.Application] = {}
    for row in rows:
        value = first.get(row["pk"], row["point"])
        if value is None or row[_LEVEL] not in newest.levels:
            continue
        made = _point(row, value)
        points.append(made)
        if made.subject not in applications:
            loop = loops.get(row[f"{_ASSIGNMENT}application_id"], ())
            applications[made.subject] = calibration.Application(
                made.subject, row[_LEVEL], str(row[_JOB]), loop
            )
    used = {point.interviewer for point in points}
    return Group(
        points=points,
        applications=sorted(applications.values(), key=lambda a: a.id),
        levels=list(newest.levels.values()),
        floor=min(s.version.coverage_floor for s in standards),
        labels={pk: name for pk, name in labels.items() if pk in used},
    )


def _point(row: Mapping[str, Any], value: int) -> calibration.Point:
    exercise = row[f"{_ASSIGNMENT}exercise_version_id"] or row[f"{_ASSIGNMENT}stage_id"]
    return calibration.Point(
        id=str(row["pk"]),
        subject=str(row[f"{_ASSIGNMENT}application_id"]),
        scorecard=str(row["scorecard_id"]),
        assignment=str(row["scorecard__assignment_id"]),
        interviewer=str(row["scorecard__interviewer_id"]),
        # A conversation whose stage was removed since is a label of its own.
        exercise=str(exercise or row["scorecard__assignment_id"]),
        criterion=row["criterion__key"],
        value=value,
    )


def _fitted(group: Group) -> calibration.CalibrationResult:
    found: calibration.CalibrationResult | None = cache.get(group.key)
    if found is None:
        found = calibration.calibrate(
            group.points,
            applications=group.applications,
            levels=group.levels,
            labels=group.labels,
            gate=calibration.Gate(floor=group.floor),
        )
        cache.set(group.key, found, KEPT_FOR)
    return found
