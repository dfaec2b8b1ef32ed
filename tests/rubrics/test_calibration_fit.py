"""The fit against published digits, against dense formulas, and against what does harm."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import approx_fprime
from scipy.special import ndtr

from bench.calibration import Errors, gather, penicillin, rank_correlation, z_scored
from bench.parts.panels import Panel, closed_pools, panel_a, panel_b
from rubrics.calibration import OPEN_GATE, PRIOR, Application, Point, calibrate
from rubrics.calibration.estimate import Estimate, centres, estimate, evaluate
from rubrics.calibration.functionals import Joint, joint
from rubrics.calibration.model import Design, build
from rubrics.scoring import CriterionStandard, LevelStandard

Floats = npt.NDArray[np.float64]

LOOPS = {"x": ("k0", "k1", "k2", "k3"), "y": ("k1", "k2", "k4"), "z": ("k0", "k3", "k4", "k9")}
LEVELS = [
    LevelStandard(
        key,
        key,
        {f"k{k}": CriterionStandard((k * 7 + step) % 5 + 1, 3) for k in (0, 1, 2, 3, 4, 9)},
    )
    for step, key in enumerate(("entry", "mid"))
]


def test_plain_reml_is_lme4s_published_fit_of_penicillin() -> None:
    sds, criterion = penicillin()
    assert [f"{v:.4f}" for v in sds] == ["0.8467", "1.9316", "0.5499"]
    assert f"{criterion:.4f}" == "330.8606"


class Group:
    """30 scorecards: two levels, two jobs, an exemplar, unequal loops, shared assignments."""

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        kinds = list(LOOPS.values())
        self.applications = {
            f"a{i}": Application(f"a{i}", ("entry", "mid")[i % 2], f"j{i % 3 % 2}", kinds[i % 3])
            for i in range(10)
        }
        self.points: list[Point] = []
        for card in range(30):
            subject = "exemplar" if card >= 26 else f"a{card % 10}"
            loop = LOOPS["x"] if card >= 26 else self.applications[subject].loop
            shown = [k for k in loop if k != "k9" and rng.random() > 0.15]
            # The second look at an application shares its first look's assignment.
            assignment = f"t{card % 10}" if card < 20 else f"t{card}"
            for k in shown:
                self.points.append(
                    Point(
                        f"{card:02}{k}",
                        subject,
                        f"s{card}",
                        assignment,
                        f"i{int(rng.integers(6))}"
                        if k == shown[0]
                        else self.points[-1].interviewer,
                        f"e{card % 10 % 3}",
                        k,
                        int(rng.integers(1, 5)),
                    )
                )
        self.points = [p for p in self.points if (p.subject, p.criterion) != ("a0", "k3")]
        self.points.sort(key=lambda p: p.id)

    def design(self) -> Design:
        return build(self.points, self.applications)


def same(labels: list[object]) -> Floats:
    return np.array([[float(a is not None and a == b) for b in labels] for a in labels])


class Dense:
    """The same model written out: one n x n covariance, its inverse, nothing blocked."""

    def __init__(self, group: Group, ratios: dict[str, float]) -> None:
        self.group, self.ratios = group, ratios
        points = group.points
        own = [group.applications.get(p.subject) for p in points]
        job = [a.job if a else None for a in own]
        cell = [(p.subject, p.criterion) if a else None for p, a in zip(points, own, strict=True)]
        hour = [
            (p.subject, p.assignment if a else p.scorecard)
            for p, a in zip(points, own, strict=True)
        ]
        self.kernels = {
            "candidate": same([p.subject if a else None for p, a in zip(points, own, strict=True)]),
            "candidate_criterion": same(list(cell)),
            "assignment": same(list(hour)),
            "scorecard": same([p.scorecard for p in points]),
            "interviewer": same([p.interviewer for p in points]),
            "exercise": same([p.exercise for p in points]),
            "job": same(list(job)),
        }
        self.fixed = [("mid",), *((f"k{k}",) for k in range(5))]
        self.fixed += sorted({(p.subject, p.criterion) for p in points if p.subject == "exemplar"})
        self.x = np.array([self.row(p.subject, p.criterion) for p in points])
        self.y = np.array([p.value for p in points], dtype=float)
        n = len(points)
        self.covariance = np.eye(n) + sum(ratios[e] * k for e, k in self.kernels.items())
        self.inverse = np.linalg.inv(self.covariance)
        self.information = self.x.T @ self.inverse @ self.x
        self.beta = np.linalg.solve(self.information, self.x.T @ self.inverse @ self.y)
        half = self.inverse @ self.x
        self.projector = self.inverse - half @ np.linalg.solve(self.information, half.T)
        self.free = n - self.x.shape[1]
        self.variance = float(self.y @ self.projector @ self.y) / self.free

    def row(self, subject: str, criterion: str) -> list[float]:
        own = self.group.applications.get(subject)
        touched = {(criterion,), (own.level,)} if own else {(subject, criterion)}
        return [float(f in touched) for f in self.fixed]

    def criterion(self) -> float:
        dets = np.linalg.slogdet(self.covariance)[1] + np.linalg.slogdet(self.information)[1]
        prior = sum((np.log(v) - np.log(PRIOR[e])) ** 2 for e, v in self.ratios.items())
        return float(self.free * (1 + np.log(2 * np.pi * self.variance)) + dets + prior)

    def gradient(self) -> Floats:
        residual = self.projector @ self.y
        return np.array(
            [
                v * (np.sum(self.projector * k) - residual @ k @ residual / self.variance)
                + 2 * (np.log(v) - np.log(PRIOR[e]))
                for e, v in self.ratios.items()
                for k in [self.kernels[e]]
            ]
        )

    def reach(self, subject: str, criterion: str) -> tuple[Floats, Floats]:
        """x of theta and its prior covariance with every point, over the residual variance."""
        own = self.group.applications[subject]
        r, k = self.ratios, np.zeros(len(self.y))
        for i, p in enumerate(self.group.points):
            other = self.group.applications.get(p.subject)
            if other is None:
                continue
            k[i] += r["job"] * (other.job == own.job) + r["candidate"] * (p.subject == subject)
            is_cell = p.subject == subject and p.criterion == criterion
            k[i] += r["candidate_criterion"] * is_cell
        return np.array(self.row(subject, criterion)), k

    def mean(self, subject: str, criterion: str) -> float:
        x, k = self.reach(subject, criterion)
        return float(x @ self.beta + k @ self.inverse @ (self.y - self.x @ self.beta))

    def covary(self, first: tuple[str, str], second: tuple[str, str]) -> float:
        (x, k), (x2, k2) = self.reach(*first), self.reach(*second)
        own, other = (self.group.applications[s] for s, _ in (first, second))
        r = self.ratios
        prior = r["job"] * (own.job == other.job) + r["candidate"] * (own.id == other.id)
        prior += r["candidate_criterion"] * (first == second)
        z, z2 = (a - self.x.T @ self.inverse @ b for a, b in ((x, k), (x2, k2)))
        shared = prior - k @ self.inverse @ k2 + z @ np.linalg.solve(self.information, z2)
        return float(self.variance * shared)


@pytest.fixture(scope="module")
def group() -> Group:
    return Group()


@pytest.fixture(scope="module")
def fit(group: Group) -> Estimate:
    return estimate(group.design())


@pytest.fixture(scope="module")
def dense(group: Group, fit: Estimate) -> Dense:
    return Dense(group, dict(fit.ratios))


@pytest.fixture(scope="module")
def read(group: Group, fit: Estimate) -> Joint:
    return joint(group.design(), fit)


def test_every_effect_enters_the_group(fit: Estimate) -> None:
    assert set(fit.ratios) == set(PRIOR)


def test_criterion_and_variance_are_the_dense_ones(fit: Estimate, dense: Dense) -> None:
    assert fit.criterion == pytest.approx(dense.criterion(), abs=1e-8)
    assert fit.variance == pytest.approx(dense.variance, abs=1e-8)


@pytest.mark.parametrize("step", [0.0, 0.7, -2.0])
def test_gradient_is_the_dense_one(group: Group, step: float) -> None:
    design = group.design()
    logs = centres(design) + step * np.cos(np.arange(len(PRIOR)))
    parts = evaluate(design, logs, prior=centres(design))
    dense = Dense(group, dict(zip(design.effects, np.exp(logs).tolist(), strict=True)))
    np.testing.assert_allclose(parts.gradient, dense.gradient(), atol=1e-6, rtol=0)

    def value(x: Floats) -> float:
        return evaluate(design, x, prior=centres(design)).value

    np.testing.assert_allclose(parts.gradient, approx_fprime(logs, value, 1e-6), atol=1e-3)


def test_no_neighbour_of_the_optimum_is_better(group: Group, fit: Estimate) -> None:
    design = group.design()
    best = np.log([fit.ratios[e] for e in design.effects])
    for i in range(len(best)):
        for step in (-0.05, 0.05):
            moved = best.copy()
            moved[i] += step
            assert evaluate(design, moved, prior=centres(design)).value > fit.criterion


def test_scores_and_covariances_are_the_dense_ones(read: Joint, dense: Dense) -> None:
    assert len(read.thetas) == 10
    for subject, theta in read.thetas.items():
        cells = [(subject, k) for k in theta.criteria]
        np.testing.assert_allclose(theta.mean, [dense.mean(*c) for c in cells], atol=1e-8)
        wanted = [[dense.covary(a, b) for b in cells] for a in cells]
        np.testing.assert_allclose(theta.covariance, wanted, atol=1e-8)
        other = "a3" if subject != "a3" else "a4"
        across = [[dense.covary(a, (other, b)) for b in read.thetas[other].criteria] for a in cells]
        np.testing.assert_allclose(read.covariance(subject, other), across, atol=1e-8)


def test_a_criterion_nobody_observed_widens_the_band(group: Group, read: Joint) -> None:
    """a0 was never seen on k3: it keeps the spread of candidate x criterion, checked above."""
    assert not [p for p in group.points if (p.subject, p.criterion) == ("a0", "k3")]
    theta = read.thetas["a0"]
    assert theta.criteria[int(np.argmax(np.diag(theta.covariance)))] == "k3"


def test_results_are_the_dense_ones_rounded(group: Group, dense: Dense) -> None:
    result = calibrate(
        group.points,
        applications=group.applications.values(),
        levels=LEVELS,
        exemplars=["exemplar"],
        gate=OPEN_GATE,
    )
    assert set(result.applications) == set(group.applications)
    for a in result.applications.values():
        assert a.gaps == (("k9",) if "k9" in group.applications[a.id].loop else ())
        assert sum(a.weights.values()) == pytest.approx(1)
        mean = sum(w * dense.mean(a.id, k) for k, w in a.weights.items())
        assert a.score == pytest.approx(mean, abs=1e-6)
        both = [(k, j) for k in a.weights for j in a.weights]
        variance = sum(
            a.weights[k] * a.weights[j] * dense.covary((a.id, k), (a.id, j)) for k, j in both
        )
        assert a.se == pytest.approx(np.sqrt(variance), abs=1e-6)
    severities = [i.severity for i in result.interviewers.values()]
    assert sum(s for s in severities if s is not None) == pytest.approx(0, abs=1e-5)


def test_probabilities_use_the_joint_covariance(group: Group, dense: Dense) -> None:
    result = calibrate(
        group.points,
        applications=group.applications.values(),
        levels=LEVELS,
        exemplars=["exemplar"],
        gate=OPEN_GATE,
    )
    first, second = result.applications["a0"], result.applications["a6"]
    assert first.weights == second.weights
    w = first.weights
    variance = sum(
        w[k] * w[j] * sign * dense.covary((a, k), (b, j))
        for k in w
        for j in w
        for a, b, sign in (("a0", "a0", 1), ("a6", "a6", 1), ("a0", "a6", -2))
    )
    gap = sum(w[k] * (dense.mean("a0", k) - dense.mean("a6", k)) for k in w)
    wanted = float(ndtr(gap / np.sqrt(variance)))
    assert result.probability_above("a0", "a6") == pytest.approx(wanted, abs=1e-6)
    assert result.probability_above("a6", "a0") == pytest.approx(1 - wanted, abs=1e-6)
    assert result.probability_above("a0", "a1") is None
    assert result.probability_above("a0", "a0") is None


def test_probability_above_a_levels_bar_takes_its_weights(group: Group, dense: Dense) -> None:
    bars = dict(zip(("k0", "k1", "k2", "k3", "k4"), (2, 3, 4, 2, 3), strict=True))
    senior = LevelStandard(
        "senior", "Senior", {k: CriterionStandard(b * 2, b) for k, b in bars.items()}
    )
    result = calibrate(
        group.points,
        applications=group.applications.values(),
        levels=[*LEVELS, senior],
        exemplars=["exemplar"],
        gate=OPEN_GATE,
    )
    keys = LOOPS["x"]
    w = {k: bars[k] / sum(bars[j] for j in keys) for k in keys}
    mean = sum(w[k] * (dense.mean("a0", k) - bars[k]) for k in keys)
    variance = sum(w[k] * w[j] * dense.covary(("a0", k), ("a0", j)) for k in keys for j in keys)
    wanted = float(ndtr(mean / np.sqrt(variance)))
    assert result.probability_above_bar("a0", "senior") == pytest.approx(wanted, abs=1e-6)
    own = result.probability_above_bar("a0")
    assert own == result.probability_above_bar("a0", "entry")


def test_an_exemplar_says_nothing_of_the_candidates_spread(group: Group, fit: Estimate) -> None:
    """Its cells are fixed: shifting all its points moves no score and no variance."""
    shifted = [
        replace(p, value=p.value + 7) if p.subject == "exemplar" else p for p in group.points
    ]
    moved = build(shifted, group.applications)
    again = estimate(moved)
    for effect, ratio in fit.ratios.items():
        assert again.ratios[effect] == pytest.approx(ratio, rel=1e-4)


def test_z_scores_per_interviewer_harm_in_closed_pools_and_the_model_does_not() -> None:
    errors = Errors()
    z_squares: list[float] = []
    z_ranks: list[float] = []
    for i in range(8):
        panel = closed_pools(np.random.default_rng([5, i]))
        errors.add(panel, panel.calibrated())
        scored = z_scored(panel)
        truth = [panel.truth[a] for a in scored]
        z_squares += [(s - t) ** 2 for s, t in zip(scored.values(), truth, strict=True)]
        z_ranks.append(rank_correlation(list(scored.values()), truth))
    assert np.sqrt(np.mean(z_squares) / np.mean(errors.raw)) > 1.15
    assert np.mean(z_ranks) < np.mean(errors.raw_rank) - 0.05
    assert errors.ratio < 1
    assert np.mean(errors.fitted_rank) > np.mean(errors.raw_rank) - 0.01


@pytest.mark.parametrize(("draw", "reach"), [(panel_a, 0.90), (panel_b, 0.95)])
def test_the_error_is_less_than_the_raw_scores(
    draw: Callable[[np.random.Generator], Panel], reach: float
) -> None:
    errors = gather(draw, panels=6, seed=11)
    assert errors.ratio < reach
    assert 0.70 < np.mean(errors.hits80) < 0.90
    assert 0.82 < np.mean(errors.hits90) < 0.97
