"""Variances by restricted maximum likelihood with a weak prior, in blocks, and the effects.

The objective profiles the residual variance; its arguments are the logs of variance ratios.
Source: the method page, "Estimation"; without the prior it is lme4's REML criterion.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg.lapack import dpotrf, dpotri
from scipy.optimize import minimize

from rubrics.calibration.model import BITS, N_CODES, SAME_POINT, Batch, Design, Floats
from rubrics.calibration.records import PRIOR

_LOWEST, _HIGHEST = -12.0, 8.0
_TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """One evaluation: value and gradient (2 x d log-likelihood), and what the effects need.

    beta (width,), inverse (width, width) = C, inverses and solved (V^-1 and V^-1 WY) per batch.
    """

    value: float
    gradient: Floats
    variance: float
    beta: Floats
    inverse: Floats
    inverses: tuple[Floats, ...]
    solved: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """The optimum: ratios by effect, residual variance, and the parts it was read from."""

    ratios: Mapping[str, float]
    variance: float
    criterion: float
    evaluations: int
    parts: Parts


def centres(design: Design, prior: Mapping[str, float] = PRIOR) -> Floats:
    """The prior's centres as logs, in the order of the design's effects."""
    return np.log(np.array([prior[e] for e in design.effects], dtype=np.float64))


def estimate(design: Design, *, prior: Mapping[str, float] | None = PRIOR) -> Estimate:
    """Minimises the criterion from the prior's centres by L-BFGS-B; prior None is plain REML.

    Needs n - r >= 1 and points that the fixed columns do not fit exactly (see `spread`).
    """
    start = centres(design, prior or PRIOR)
    scale = np.sqrt(1 + np.array([design.labels[e] for e in design.effects]) / 4)
    middle = None if prior is None else start
    best, evaluations = start, 1

    def scaled(x: Floats) -> tuple[float, Floats]:
        parts = evaluate(design, x / scale, prior=middle)
        return parts.value, parts.gradient / scale

    if design.effects:
        found = minimize(
            scaled,
            start * scale,
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(_LOWEST * scale, _HIGHEST * scale, strict=True)),
            options={"ftol": 1e-11, "gtol": 1e-4, "maxiter": 200},
        )
        best, evaluations = found.x / scale, int(found.nfev)
    parts = evaluate(design, best, prior=middle)
    ratios = dict(zip(design.effects, np.exp(best).tolist(), strict=True))
    return Estimate(ratios, parts.variance, parts.value, evaluations, parts)


def spread(design: Design) -> float:
    """The residual variance at the prior's centres; nan-free, 0 when n - r < 1."""
    if design.n - design.r < 1:
        return 0.0
    return evaluate(design, centres(design), prior=None).variance


def evaluate(design: Design, logs: Floats, *, prior: Floats | None) -> Parts:
    """The criterion and its gradient at the logs of the variance ratios."""
    ratios = dict(zip(design.effects, np.exp(logs), strict=True))
    size = design.width + 1
    sums = np.zeros(size * size)
    log_dets = 0.0
    inverses: list[Floats] = []
    solved: list[Floats] = []
    for batch in design.batches:
        covariance = _values(ratios)[batch.code]
        factor = np.linalg.cholesky(covariance)
        log_dets += 2 * float(np.log(np.diagonal(factor, axis1=1, axis2=2)).sum())
        block_inverse = np.linalg.inv(covariance).astype(np.float64, copy=False)
        weighted = block_inverse @ batch.wy
        np.add.at(sums, _flat(batch, size), (np.swapaxes(batch.wy, 1, 2) @ weighted).ravel())
        inverses.append(block_inverse)
        solved.append(weighted)
    square = sums.reshape(size, size)
    inverse, log_det = _inverse(design, square[:-1, :-1], ratios)
    beta = inverse @ square[:-1, -1]
    free = design.n - design.r
    variance = max(float(square[-1, -1] - beta @ square[:-1, -1]) / free, _TINY)
    value = free * (1 + np.log(2 * np.pi * variance)) + log_dets + log_det
    value += sum(design.labels[e] * np.log(ratios[e]) for e in design.spans)
    parts = Parts(0.0, logs, variance, beta, inverse, tuple(inverses), tuple(solved))
    gradient = _gradient(design, parts, ratios)
    if prior is not None:
        value += float(((logs - prior) ** 2).sum())
        gradient = gradient + 2 * (logs - prior)
    return Parts(float(value), gradient, variance, beta, inverse, parts.inverses, parts.solved)


def _values(ratios: Mapping[str, float]) -> Floats:
    """The covariance of two points for every code of what they share."""
    codes = np.arange(N_CODES)
    values = (codes & SAME_POINT > 0).astype(np.float64)
    for effect, bit in BITS.items():
        values += np.where(codes & bit > 0, ratios.get(effect, 0.0), 0.0)
    return values


def _flat(batch: Batch, size: int) -> npt.NDArray[np.intp]:
    return (batch.columns[:, :, None] * size + batch.columns[:, None, :]).ravel()


def _inverse(design: Design, sums: Floats, ratios: Mapping[str, float]) -> tuple[Floats, float]:
    """C = M^-1 and log|M| by one dense Cholesky factor."""
    m = sums.copy()
    for effect, span in design.spans.items():
        at = np.arange(span.start, span.stop)
        m[at, at] += 1 / ratios[effect]
    factor, failed = dpotrf(m, lower=1, overwrite_a=0)
    if failed:
        raise np.linalg.LinAlgError("the fixed columns are not of full rank")
    lower, _ = dpotri(factor, lower=1)
    lower = np.tril(lower)
    log_det = 2 * float(np.log(np.diagonal(factor)).sum())
    return np.ascontiguousarray(lower + np.tril(lower, -1).T), log_det


def _gradient(design: Design, parts: Parts, ratios: Mapping[str, float]) -> Floats:
    by_effect: dict[str, float] = {}
    by_code = _residual_by_code(design, parts)
    codes = np.arange(N_CODES)
    for effect, bit in BITS.items():
        if effect in ratios:
            by_effect[effect] = ratios[effect] * float(by_code[codes & bit > 0].sum())
    diagonal = np.diagonal(parts.inverse)
    for effect, span in design.spans.items():
        own = parts.beta[span]
        spent = float(own @ own) / parts.variance + float(diagonal[span].sum())
        by_effect[effect] = design.labels[effect] - spent / ratios[effect]
    return np.array([by_effect[e] for e in design.effects])


def _residual_by_code(design: Design, parts: Parts) -> Floats:
    """Sums of V^-1 - UCU' - ee'/variance over the pairs of points, by code of what they share."""
    tail = np.append(-parts.beta, 1.0)
    size = design.width + 1
    middle = np.outer(tail, tail) / parts.variance
    middle[:-1, :-1] += parts.inverse
    flat_middle = middle.ravel()
    total = np.zeros(N_CODES)
    for batch, inverse, solved in zip(design.batches, parts.inverses, parts.solved, strict=True):
        w = batch.columns.shape[1]
        own = flat_middle[_flat(batch, size)].reshape(-1, w, w)
        rest = inverse - solved @ own @ np.swapaxes(solved, 1, 2)
        total += np.bincount(batch.code.ravel(), weights=rest.ravel(), minlength=N_CODES)
    return total
