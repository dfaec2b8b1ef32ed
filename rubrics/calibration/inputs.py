"""Checks and fingerprints what goes in, so that equal inputs are known to be equal."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from rubrics.calibration.records import ENGINE_VERSION, Application, Gate, Point
from rubrics.scoring import ENGINE_VERSION as RAW_VERSION
from rubrics.scoring import HIGHEST_POINT, LOWEST_POINT, LevelStandard

_SCALE = frozenset(range(LOWEST_POINT, HIGHEST_POINT + 1))


def in_order(
    points: Iterable[Point],
    *,
    applications: Mapping[str, Application],
    exemplars: Collection[str],
    levels: Mapping[str, LevelStandard],
) -> list[Point]:
    """The points by id. Raises ValueError on a contradiction, naming the row or application."""
    rows = sorted(points, key=lambda p: p.id)
    _check_subjects(rows, applications=applications, exemplars=exemplars, levels=levels)
    cards: dict[str, tuple[str, str, str, str]] = {}
    last = None
    for row in rows:
        if row.id == last:
            raise ValueError(f"point {row.id} is given twice")
        last = row.id
        if row.value not in _SCALE:
            raise ValueError(f"point {row.id} is {row.value!r}, not on the scale")
        whose = (row.subject, row.assignment, row.interviewer, row.exercise)
        if cards.setdefault(row.scorecard, whose) != whose:
            raise ValueError(f"scorecard {row.scorecard} is of two assignments or interviewers")
    return rows


def _check_subjects(
    rows: Sequence[Point],
    *,
    applications: Mapping[str, Application],
    exemplars: Collection[str],
    levels: Mapping[str, LevelStandard],
) -> None:
    if both := sorted(set(applications) & set(exemplars)):
        raise ValueError(f"{both[0]} is both an application and an exemplar")
    if unknown := sorted({r.subject for r in rows} - set(applications) - set(exemplars)):
        raise ValueError(f"{unknown[0]} is neither an application nor an exemplar")
    for application in applications.values():
        if application.level not in levels:
            raise ValueError(f"application {application.id} is at an unknown level")


def fingerprint(
    rows: Sequence[Point],
    *,
    applications: Mapping[str, Application],
    levels: Mapping[str, LevelStandard],
    gate: Gate,
    prior: Mapping[str, float] | None,
) -> str:
    """SHA-256 of versions, parameters, weights, bars, and the rows by id with their loops."""
    digest = hashlib.sha256()

    def add(*values: object) -> None:
        digest.update(json.dumps(values, separators=(",", ":")).encode() + b"\n")

    add(ENGINE_VERSION, RAW_VERSION)
    add("gate", str(Fraction(gate.floor)), gate.own_scorecards, gate.own_interviewers)
    add(gate.scorecards, gate.interviewers, gate.candidates, gate.interviewer_scorecards)
    add("prior", None if prior is None else sorted(prior.items()))
    for level in sorted(levels.values(), key=lambda v: v.key):
        for key, asked in sorted(level.criteria.items()):
            weight, bar = str(Fraction(asked.weight)), str(Fraction(asked.bar))
            add("asked", level.key, key, weight, bar, asked.must_pass)
    for _, a in sorted(applications.items()):
        add("application", a.id, a.level, a.job, *sorted(set(a.loop)))
    for p in rows:
        whose = (p.subject, p.scorecard, p.assignment, p.interviewer, p.exercise)
        add(p.id, *whose, p.criterion, int(p.value))
    return digest.hexdigest()
