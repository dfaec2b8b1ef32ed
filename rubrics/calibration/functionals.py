"""What is read off the effects: each application's criteria with their joint covariance.

Per application and linked criterion of its loop, theta_k = level + job + candidate + criterion
+ candidate x criterion. Every score is a weighted mean of these, so one set serves them all.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rubrics.calibration.estimate import Estimate
from rubrics.calibration.model import Batch, Design, Floats, Ints
from rubrics.calibration.records import CANDIDATE, CRITERION, JOB


@dataclass(frozen=True, slots=True, eq=False)
class Theta:
    """One application's criteria: mean (k,), covariance (k, k), and its reach z (k, w) into C.

    `columns` (w,) say which of C's rows and columns the reach is on.
    """

    criteria: tuple[str, ...]
    mean: Floats
    covariance: Floats
    reach: Floats
    columns: Ints

    def weighted(self, weights: Mapping[str, float]) -> tuple[float, float]:
        """Mean and standard error of the weighted mean of its criteria; weights sum to 1."""
        w = self.vector(weights)
        return float(w @ self.mean), math.sqrt(max(float(w @ self.covariance @ w), 0.0))

    def vector(self, weights: Mapping[str, float]) -> Floats:
        return np.array([weights.get(k, 0.0) for k in self.criteria])


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """The criteria of all applications by id, C and the residual variance: any covariance."""

    thetas: Mapping[str, Theta]
    inverse: Floats
    variance: float

    def covariance(self, first: str, second: str) -> Floats:
        """Covariance of two different applications' criteria: they share interviewers."""
        one, other = self.thetas[first], self.thetas[second]
        across = self.inverse[np.ix_(one.columns, other.columns)]
        shared: Floats = self.variance * (one.reach @ across @ other.reach.T)
        return shared


def joint(design: Design, fit: Estimate) -> Joint:
    """The criteria of every application that has a point."""
    found: dict[str, Theta] = {}
    for number, batch in enumerate(design.batches):
        at = np.flatnonzero(batch.subject >= 0)
        if len(at):
            _read(design, fit, number, at, found)
    return Joint(found, fit.parts.inverse, fit.variance)


def _read(design: Design, fit: Estimate, number: int, at: Ints, found: dict[str, Theta]) -> None:
    batch = design.batches[number]
    own = [design.applications[i] for i in batch.subject[at].tolist()]
    linked = [design.linked(a) for a in own]
    most = max(len(keys) for keys in linked)
    wanted = np.full((len(own), most), -2, dtype=np.intp)
    for row, keys in enumerate(linked):
        wanted[row, : len(keys)] = [design.criteria[k] for k in keys]
    u, c = fit.ratios[CANDIDATE], fit.ratios.get(CRITERION, 0.0)

    given = batch.criterion[at]
    k = c * (given[:, :, None] == wanted[:, None, :]) + u * (given >= 0)[:, :, None]
    solved = fit.parts.solved[number][at]
    columns = batch.columns[at][:, :-1]
    reach = _fixed_part(design, batch, at, wanted) - np.swapaxes(k, 1, 2) @ solved[..., :-1]
    kept = np.swapaxes(k, 1, 2) @ fit.parts.inverses[number][at] @ k
    mean = design.centre + np.einsum("bpk,bp->bk", k, solved[..., -1])
    mean += np.einsum("bkw,bw->bk", reach, fit.parts.beta[columns])
    middle = fit.parts.inverse[columns[:, :, None], columns[:, None, :]]
    spread = reach @ middle @ np.swapaxes(reach, 1, 2) + u + c * np.eye(most) - kept
    spread *= fit.variance
    for row, (application, keys) in enumerate(zip(own, linked, strict=True)):
        n = len(keys)
        found[application.id] = Theta(
            keys, mean[row, :n], spread[row, :n, :n], reach[row, :n], columns[row]
        )


def _fixed_part(design: Design, batch: Batch, at: Ints, wanted: Ints) -> Floats:
    """x of each criterion over the block's own columns, (b, k, w): criterion, level, job."""
    columns = batch.columns[at][:, :-1]
    # A padded column repeats column 0 with W = 0, so only its first place may count.
    first = np.ones_like(columns, dtype=bool)
    first[:, 1:] = columns[:, 1:] > columns[:, :-1]
    x: Floats = ((columns[:, None, :] == wanted[:, :, None]) & first[:, None, :]).astype(np.float64)
    level, job = [], []
    for i in batch.subject[at].tolist():
        application = design.applications[i]
        level.append(design.level_column[application.level])
        job.append(_job_column(design, application.job))
    shared = (columns == np.array(level)[:, None]) | (columns == np.array(job)[:, None])
    x += (shared & first)[:, None, :]
    return x


def _job_column(design: Design, job: str) -> int:
    span = design.spans.get(JOB)
    return -1 if span is None else span.start + design.jobs[job]
