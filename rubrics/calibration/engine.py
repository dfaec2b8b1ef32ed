"""The one call: points in, calibrated scores or the sentence why not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from rubrics.calibration.estimate import Estimate, estimate, spread
from rubrics.calibration.functionals import Joint, joint
from rubrics.calibration.gate import Shut, Tally, shut, tally
from rubrics.calibration.inputs import fingerprint, in_order
from rubrics.calibration.model import Design, build
from rubrics.calibration.records import (
    ENGINE_VERSION,
    EXERCISE,
    INTERVIEWER,
    PRIOR,
    RESIDUAL,
    Application,
    Gate,
    Point,
)
from rubrics.calibration.results import (
    ApplicationResult,
    CalibrationResult,
    CriterionResult,
    ExerciseResult,
    InterviewerResult,
    near,
)
from rubrics.scoring import LevelStandard, RawResult, effective_weights, score_application

_LEAST_FREEDOM = 3
_LEAST_VARIANCE = 1e-9
_DEFAULT_GATE = Gate()


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    design: Design
    estimate: Estimate
    joint: Joint


def calibrate(
    points: Iterable[Point],
    *,
    applications: Iterable[Application],
    levels: Iterable[LevelStandard],
    exemplars: Collection[str] = (),
    labels: Mapping[str, str] | None = None,
    gate: Gate = _DEFAULT_GATE,
    prior: Mapping[str, float] | None = PRIOR,
) -> CalibrationResult:
    """Calibrates one comparability group.

    `points` of scorecards that count; `levels` with weights and bars; `labels` interviewers' names
    for the gate's sentences. Every application has a result. Raises ValueError on contradictions.
    """
    asked = {level.key: level for level in levels}
    known = {a.id: a for a in applications}
    rows = in_order(points, applications=known, exemplars=exemplars, levels=asked)
    fit = _fitted(rows, known, prior)
    counts = tally(rows, known)
    given = _given(rows, known)
    results: dict[str, ApplicationResult] = {}
    for application in (known[i] for i in sorted(known)):
        standard = asked[application.level]
        raw = score_application(
            list(given.get(application.id, {}).values()),
            level=standard,
            loop_criteria=application.loop,
            floor=gate.floor,
        )
        closed = shut(
            application,
            raw=raw,
            counts=counts,
            gate=gate,
            labels=labels or {},
            has_spread=fit is not None,
        )
        results[application.id] = _application(application, standard, raw, closed, counts, fit)
    return CalibrationResult(
        applications=results,
        interviewers=_interviewers(counts, fit),
        exercises=_exercises(counts, fit),
        components=counts.components,
        sds=_sds(fit),
        reliability=_reliability(results.values()),
        n_points=len(rows),
        engine_version=ENGINE_VERSION,
        fingerprint=fingerprint(rows, applications=known, levels=asked, gate=gate, prior=prior),
        levels=asked,
        joint=fit.joint if fit else None,
    )


def _fitted(
    rows: Sequence[Point],
    applications: Mapping[str, Application],
    prior: Mapping[str, float] | None,
) -> _Fit | None:
    if not rows:
        return None
    design = build(rows, applications)
    if design.n - design.r < _LEAST_FREEDOM or spread(design) < _LEAST_VARIANCE:
        return None
    best = estimate(design, prior=prior)
    return _Fit(design, best, joint(design, best))


def _given(
    rows: Sequence[Point], applications: Mapping[str, Application]
) -> dict[str, dict[str, dict[str, int | None]]]:
    """The points by application and scorecard."""
    given: dict[str, dict[str, dict[str, int | None]]] = {}
    for p in rows:
        if p.subject in applications:
            card = given.setdefault(p.subject, {}).setdefault(p.scorecard, {})
            if p.criterion in card:
                raise ValueError(f"point {p.id} repeats a criterion of its scorecard")
            card[p.criterion] = int(p.value)
    return given


def _application(
    application: Application,
    standard: LevelStandard,
    raw: RawResult,
    closed: Shut | None,
    counts: Tally,
    fit: _Fit | None,
) -> ApplicationResult:
    theta = fit.joint.thetas.get(application.id) if fit else None
    linked = theta.criteria if theta else ()
    weights = {k: float(w) for k, w in effective_weights(standard, linked).items()}
    score, se, of_criterion = None, None, dict[str, tuple[float, float]]()
    if theta is not None and closed is None:
        score, se = (near(v) for v in theta.weighted(weights))
        deviations = np.sqrt(np.maximum(np.diagonal(theta.covariance), 0.0)).tolist()
        pairs = zip(theta.mean.tolist(), deviations, strict=True)
        of_criterion = dict(zip(linked, pairs, strict=True))
    return ApplicationResult(
        id=application.id,
        level=application.level,
        score=score,
        se=se,
        raw=raw.score,
        coverage=raw.coverage,
        n_scorecards=counts.cards_of_subject.get(application.id, 0),
        n_interviewers=len(counts.interviewers_of.get(application.id, ())),
        gate=closed,
        criteria=tuple(
            CriterionResult(
                key=c.key,
                weight=weights.get(c.key, 0.0),
                score=near(of_criterion[c.key][0]) if c.key in of_criterion else None,
                se=near(of_criterion[c.key][1]) if c.key in of_criterion else None,
                raw=c.score,
                n=c.n,
            )
            for c in raw.criteria
        ),
        weights=weights,
        gaps=tuple(c.key for c in raw.criteria if c.key not in linked) if theta else (),
        component=counts.subject_component.get(application.id),
    )


def _effect(fit: _Fit | None, effect: str, number: int) -> tuple[float | None, float | None]:
    """Estimate and standard error of one label of an effect across applications."""
    if fit is None or effect not in fit.design.spans:
        return None, None
    at = fit.design.spans[effect].start + number
    parts = fit.estimate.parts
    return near(float(parts.beta[at])), near(sqrt(parts.variance * float(parts.inverse[at, at])))


def _interviewers(counts: Tally, fit: _Fit | None) -> dict[str, InterviewerResult]:
    numbers = fit.design.interviewers if fit else {}
    return {
        i: InterviewerResult(
            i, *_effect(fit, INTERVIEWER, numbers.get(i, 0)), n, counts.interviewer_component[i]
        )
        for i, n in sorted(counts.cards_of_interviewer.items())
    }


def _exercises(counts: Tally, fit: _Fit | None) -> dict[str, ExerciseResult]:
    numbers = fit.design.exercises if fit else {}
    return {
        e: ExerciseResult(e, *_effect(fit, EXERCISE, numbers.get(e, 0)), n)
        for e, n in sorted(counts.cards_of_exercise.items())
    }


def _sds(fit: _Fit | None) -> dict[str, float]:
    if fit is None:
        return {}
    found = {e: near(sqrt(v * fit.estimate.variance)) for e, v in fit.estimate.ratios.items()}
    return {**found, RESIDUAL: near(sqrt(fit.estimate.variance))}


def _reliability(results: Iterable[ApplicationResult]) -> float | None:
    """var(score) / (var(score) + mean(se^2)) over the scores shown; None below two of them."""
    shown = [(r.score, r.se) for r in results if r.score is not None and r.se is not None]
    if len(shown) < 2:
        return None
    scores, errors = np.array(shown).T
    variance = float(np.var(scores, ddof=1))
    total = variance + float(np.mean(errors**2))
    return near(variance / total) if total > 0 else None
