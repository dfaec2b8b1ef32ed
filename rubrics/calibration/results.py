"""What comes out of a calibration: numbers in points, rounded to 1e-6, sorted by id."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from scipy.special import ndtr

from rubrics.calibration.functionals import Joint
from rubrics.calibration.gate import Component, Shut
from rubrics.scoring import HIGHEST_POINT, LOWEST_POINT, LevelStandard, Score, effective_weights

#: Half widths of the normal bands in standard errors, by percent.
BAND_WIDTHS: Mapping[int, float] = {50: 0.6745, 80: 1.2816, 95: 1.9600}


def near(value: float) -> float:
    """Rounded to 1e-6, without a negative zero."""
    return round(value, 6) + 0.0


def band(score: float, se: float, percent: int = 80) -> tuple[float, float]:
    """The 50, 80 or 95% band around a score, clipped to the scale for showing."""
    half = BAND_WIDTHS[percent] * se
    low, high = max(score - half, LOWEST_POINT), min(score + half, HIGHEST_POINT)
    return near(min(low, HIGHEST_POINT)), near(max(high, LOWEST_POINT))


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion of an application's loop; score and se are None where none may be shown."""

    key: str
    weight: float
    score: float | None
    se: float | None
    raw: Score | None
    n: int

    def band(self, percent: int = 80) -> tuple[float, float] | None:
        return _band_of(self.score, self.se, percent)


@dataclass(frozen=True, slots=True)
class ApplicationResult:
    """One application. score and se are None while the gate is shut, and `gate` says why.

    `weights` are w-bar, over the loop's criteria that have an estimate; `gaps` are the others.
    `component` is the index of its component, None without a point.
    """

    id: str
    level: str
    score: float | None
    se: float | None
    raw: Score | None
    coverage: Fraction
    n_scorecards: int
    n_interviewers: int
    gate: Shut | None
    criteria: tuple[CriterionResult, ...]
    weights: Mapping[str, float]
    gaps: tuple[str, ...]
    component: int | None

    def band(self, percent: int = 80) -> tuple[float, float] | None:
        return _band_of(self.score, self.se, percent)


@dataclass(frozen=True, slots=True)
class InterviewerResult:
    """How much an interviewer gives beside the average, in points: negative is stricter.

    severity and se are None where the model has no such effect; n counts scorecards.
    """

    id: str
    severity: float | None
    se: float | None
    n: int
    component: int


@dataclass(frozen=True, slots=True)
class ExerciseResult:
    """How much an exercise yields beside the average, in points: negative is harder."""

    id: str
    difficulty: float | None
    se: float | None
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationResult:
    """A fit. `sds` holds each effect's standard deviation and "residual", empty without a fit."""

    applications: Mapping[str, ApplicationResult]
    interviewers: Mapping[str, InterviewerResult]
    exercises: Mapping[str, ExerciseResult]
    components: tuple[Component, ...]
    sds: Mapping[str, float]
    reliability: float | None
    n_points: int
    engine_version: str
    fingerprint: str
    levels: Mapping[str, LevelStandard] = field(repr=False)
    joint: Joint | None = field(repr=False)

    def probability_above(self, first: str, second: str) -> float | None:
        """P(theta of first > theta of second) with their joint covariance; KeyError if unknown.

        None unless both are shown, of one component, and weighed alike (level, criteria).
        """
        one, other = self.applications[first], self.applications[second]
        if self.joint is None or first == second or not _comparable(one, other):
            return None
        a, b = self.joint.thetas[first], self.joint.thetas[second]
        v, w = a.vector(one.weights), b.vector(other.weights)
        variance = float(v @ a.covariance @ v + w @ b.covariance @ w)
        variance -= 2 * float(v @ self.joint.covariance(first, second) @ w)
        return _above_zero(float(v @ a.mean - w @ b.mean), variance)

    def probability_above_bar(self, application: str, level: str | None = None) -> float | None:
        """P(theta > bar) with the weights and bars of a level (its own without) on its criteria.

        None unless the score is shown and that level weighs one of them; KeyError if unknown.
        """
        own = self.applications[application]
        standard = self.levels[own.level if level is None else level]
        if self.joint is None or own.score is None:
            return None
        exact = effective_weights(standard, own.weights)
        if not exact:
            return None
        bar = float(sum(w * Fraction(standard.criteria[k].bar) for k, w in exact.items()))
        theta = self.joint.thetas[application]
        mean, se = theta.weighted({k: float(w) for k, w in exact.items()})
        return _above_zero(mean - bar, se * se)


def _band_of(score: float | None, se: float | None, percent: int) -> tuple[float, float] | None:
    return None if score is None or se is None else band(score, se, percent)


def _comparable(one: ApplicationResult, other: ApplicationResult) -> bool:
    are_shown = one.score is not None and other.score is not None
    weighs_alike = one.level == other.level and one.weights == other.weights
    return are_shown and weighs_alike and one.component == other.component


def _above_zero(mean: float, variance: float) -> float:
    if variance <= 0:
        return 0.5 if mean == 0 else float(mean > 0)
    return near(float(ndtr(mean / math.sqrt(variance))))
