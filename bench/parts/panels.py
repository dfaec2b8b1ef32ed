"""Seeded panels whose truth is known.

Panels A: 75 candidates, 15 interviewers of unequal activity, 3 levels, 6 criteria, 5 exercises.
Panels B: 40 candidates, 3 stages showing 4 or 5 of 8 criteria, 10 interviewers. Points are latent
normals rounded to 1-4; the truth is the expected weighted point from an average interviewer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rubrics.calibration import (
    OPEN_GATE,
    Application,
    CalibrationResult,
    Point,
    calibrate,
)
from rubrics.scoring import CriterionStandard, LevelStandard

# The engine asks for one BLAS thread, so it is imported before numpy.
import numpy as np  # isort: skip
from scipy.special import ndtr  # isort: skip

SEED = 20260
CUTS = (1.5, 2.5, 3.5)


@dataclass(frozen=True)
class Spreads:
    """Latent standard deviations the panels are drawn with."""

    candidate: float = 0.45
    criterion: float = 0.30
    severity: float = 0.30
    taste: float = 0.15
    exercise: float = 0.15
    assignment: float = 0.20
    scorecard: float = 0.30
    point: float = 0.45
    job: float = 0.0

    @property
    def noise(self) -> float:
        """What a single point from an average interviewer adds to the candidate."""
        parts = (self.exercise, self.assignment, self.scorecard, self.point)
        return float(np.sqrt(sum(s * s for s in parts)))


@dataclass(frozen=True)
class Look:
    """One scorecard to be: whose, by whom, of which assignment, showing which criteria."""

    candidate: int
    interviewer: int
    assignment: int
    exercise: int
    criteria: tuple[int, ...]


@dataclass(frozen=True)
class Panel:
    points: list[Point]
    applications: list[Application]
    levels: list[LevelStandard]
    truth: dict[str, float]
    truth_of: dict[tuple[str, str], float]
    exemplars: tuple[str, ...] = field(default=())

    def calibrated(self) -> CalibrationResult:
        return calibrate(
            self.points, applications=self.applications, levels=self.levels, gate=OPEN_GATE
        )


def panel_a(
    rng: np.random.Generator,
    *,
    candidates: int = 75,
    interviewers: int = 15,
    pools: int = 1,
    spreads: Spreads = Spreads(),
) -> Panel:
    """3-5 interviewers a candidate, all criteria each; with pools, nobody crosses a job."""
    activity = np.arange(1, interviewers // pools + 1) ** -0.7
    looks: list[Look] = []
    assignment = -1
    for candidate in range(candidates):
        pool = candidate % pools
        wanted = min(int(rng.integers(3, 6)), len(activity))
        chosen = rng.choice(len(activity), wanted, replace=False, p=activity / activity.sum())
        exercise = 0
        for i, who in enumerate(chosen.tolist()):
            if i == 0 or rng.random() >= 0.25:
                assignment += 1
                exercise = int(rng.integers(5))
            looks.append(Look(candidate, pool + pools * who, assignment, exercise, tuple(range(6))))
    jobs = [c % pools for c in range(candidates)]
    levels = [(c // pools) % 3 for c in range(candidates)]
    return _panel(rng, looks, jobs, levels, spreads=spreads)


def panel_b(rng: np.random.Generator, *, seats: int = 2) -> Panel:
    """3 stages, each its own exercise, with that many interviewers sharing the assignment."""
    stages = [
        tuple(sorted(rng.choice(8, int(rng.integers(4, 6)), replace=False).tolist()))
        for _ in range(3)
    ]
    looks: list[Look] = []
    for candidate in range(40):
        chosen = rng.choice(10, 3 * seats, replace=False).tolist()
        looks += [
            Look(candidate, who, 3 * candidate + i % 3, i % 3, stages[i % 3])
            for i, who in enumerate(chosen)
        ]
    return _panel(rng, looks, [0] * 40, [0] * 40, spreads=Spreads())


def _panel(
    rng: np.random.Generator,
    looks: list[Look],
    jobs: list[int],
    levels: list[int],
    *,
    spreads: Spreads,
) -> Panel:
    n, n_criteria = len(jobs), 1 + max(k for look in looks for k in look.criteria)
    weights = rng.dirichlet([4.0] * n_criteria, size=max(levels) + 1)
    means = rng.normal(2.6, 0.15, n_criteria)
    level = rng.normal(0, 0.15, max(levels) + 1)
    job = rng.normal(0, spreads.job, max(jobs) + 1)
    own = rng.normal(0, spreads.candidate, n) + job[jobs] + level[levels]
    latent = own[:, None] + means + rng.normal(0, spreads.criterion, (n, n_criteria))
    hidden = rng.uniform(0.08, 0.10)
    points = list(_points(rng, looks, latent, spreads, hidden))
    loops = _loops(looks, n)
    standards = [
        LevelStandard(
            f"l{i}",
            f"Level {i}",
            {
                f"k{k}": CriterionStandard(weight=_exact(w), bar=3)
                for k, w in enumerate(row.tolist())
            },
        )
        for i, row in enumerate(weights)
    ]
    expected = 1 + sum(ndtr((latent - cut) / spreads.noise) for cut in CUTS)
    truth = {
        f"a{i:06}": float(np.average(expected[i, loops[i]], weights=weights[levels[i], loops[i]]))
        for i in range(n)
    }
    truth_of = {(f"a{i:06}", f"k{k}"): float(expected[i, k]) for i in range(n) for k in loops[i]}
    applications = [
        Application(f"a{i:06}", f"l{levels[i]}", f"j{jobs[i]}", tuple(f"k{k}" for k in loops[i]))
        for i in range(n)
    ]
    return Panel(points, applications, standards, truth, truth_of)


def _exact(weight: float) -> int:
    return round(weight * 10_000)


def _loops(looks: list[Look], n: int) -> list[list[int]]:
    shown: list[set[int]] = [set() for _ in range(n)]
    for look in looks:
        shown[look.candidate] |= set(look.criteria)
    return [sorted(s) for s in shown]


def _points(
    rng: np.random.Generator,
    looks: list[Look],
    latent: np.ndarray,
    spreads: Spreads,
    hidden: float,
) -> Iterator[Point]:
    people = 1 + max(look.interviewer for look in looks)
    severity = rng.normal(0, spreads.severity, people)
    taste = rng.normal(0, spreads.taste, (people, latent.shape[1]))
    exercise = rng.normal(0, spreads.exercise, 1 + max(look.exercise for look in looks))
    assignment = rng.normal(0, spreads.assignment, 1 + max(look.assignment for look in looks))
    for number, look in enumerate(looks):
        keys = list(look.criteria)
        given = latent[look.candidate, keys] + taste[look.interviewer, keys]
        given = given + severity[look.interviewer] + exercise[look.exercise]
        given = given + assignment[look.assignment] + rng.normal(0, spreads.scorecard)
        given = given + rng.normal(0, spreads.point, len(keys))
        seen = rng.random(len(keys)) >= hidden
        for k, value, is_seen in zip(keys, given.tolist(), seen.tolist(), strict=True):
            if is_seen:
                yield Point(
                    id=f"{number:06}-{k}",
                    subject=f"a{look.candidate:06}",
                    scorecard=f"s{number:06}",
                    assignment=f"t{look.assignment:06}",
                    interviewer=f"i{look.interviewer:04}",
                    exercise=f"e{look.exercise}",
                    criterion=f"k{k}",
                    value=int(min(max(round(value), 1), 4)),
                )


def closed_pools(rng: np.random.Generator) -> Panel:
    return panel_a(rng, interviewers=20, pools=5, spreads=Spreads(job=0.3))


def no_severity(rng: np.random.Generator) -> Panel:
    return panel_a(rng, spreads=replace(Spreads(), severity=0.0, taste=0.0))


def large(scorecards: int, *, interviewers: int, jobs: int) -> Panel:
    """4 scorecards a candidate of 5 points each, every one of its own assignment."""
    rng = np.random.default_rng([SEED, scorecards])
    n = scorecards // 4
    looks = [
        Look(c, int(who), 4 * c + i, int(rng.integers(12)), (0, 1, 2, 3, 4))
        for c in range(n)
        for i, who in enumerate(rng.integers(interviewers, size=4))
    ]
    return _panel(
        rng, looks, [c % jobs for c in range(n)], [c % 3 for c in range(n)], spreads=Spreads()
    )
