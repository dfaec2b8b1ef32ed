"""Degenerate groups: finite numbers or a gate, never NaN, never an exception."""

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from rubrics.calibration import OPEN_GATE, Application, Gate, Point, calibrate
from rubrics.scoring import LevelStandard
from tests.rubrics.calibration_groups import KEYS, Draw, application, card, standard


def numbers(value: object) -> Iterator[float]:
    """Every float anywhere in a result."""
    if isinstance(value, float):
        yield value
        return
    inside: Iterable[object] = ()
    if isinstance(value, np.ndarray):
        inside = value.ravel().tolist()
    elif isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list | tuple):
        inside = value
    elif dataclasses.is_dataclass(value):
        inside = [getattr(value, f.name) for f in dataclasses.fields(value)]
    for part in inside:
        yield from numbers(part)


Case = tuple[list[Point], list[Application], list[LevelStandard], set[str]]


def _simple(points: list[Point]) -> Case:
    subjects = sorted({p.subject for p in points})
    return points, [application(s) for s in subjects], [standard()], set()


def _drawn(change: Callable[[int, Point], Point]) -> list[Point]:
    draw = Draw()
    draw.pool(12, ["i0", "i1", "i2", "i3"], cards=4)
    return [change(i, p) for i, p in enumerate(draw.points)]


def _once_each() -> Case:
    points = [
        p
        for n in range(12)
        for p in card(n, f"a{n}", f"i{n % 4}", {k: 1 + (n + i) % 4 for i, k in enumerate(KEYS)})
    ]
    return _simple(points)


def _interviewer_is_exercise() -> Case:
    return _simple(_drawn(lambda _, p: replace(p, exercise=f"e-{p.interviewer}")))


def _level_and_job_each() -> Case:
    points = _drawn(lambda _, p: p)
    subjects = sorted({p.subject for p in points})
    applications = [application(s, level=f"l-{s}", job=f"j-{s}") for s in subjects]
    return points, applications, [standard(f"l-{s}") for s in subjects], set()


def _disjoint_levels() -> Case:
    draw = Draw()
    for c in range(12):
        keys = ("k0", "k1") if c % 2 else ("m0", "m1")
        for i in range(4):
            draw.card(f"a{c:02}", f"i{(c + i) % 5}", keys)
    names = sorted({p.subject for p in draw.points})
    loop = ("k0", "k1", "m0", "m1")
    applications = [application(s, level=("even", "odd")[int(s[1:]) % 2], loop=loop) for s in names]
    return draw.points, applications, [standard("even", loop), standard("odd", loop)], set()


def _only_exemplars() -> Case:
    draw = Draw()
    for i in range(20):
        draw.card(f"x{i % 3}", f"i{i % 5}")
    return draw.points, [], [standard()], {"x0", "x1", "x2"}


def _one_exemplar_rater() -> Case:
    points = [p for n in range(6) for p in card(n, "x", "i", {"k0": 1 + n % 4})]
    return points, [], [standard()], {"x"}


CASES: dict[str, Callable[[], Case]] = {
    "empty": lambda: ([], [], [], set()),
    "nothing observed": lambda: ([], [application("a")], [standard()], set()),
    "one point": lambda: _simple(card(0, "a", "i0", {"k0": 3})),
    "one scorecard": lambda: _simple(card(0, "a", "i0", {"k0": 3, "k1": 1, "k2": 4})),
    "one interviewer": lambda: _simple(_drawn(lambda _, p: replace(p, interviewer="i0"))),
    "one application": lambda: _simple(_drawn(lambda _, p: replace(p, subject="a"))),
    "one criterion": lambda: _simple([p for p in _drawn(lambda _, p: p) if p.criterion == "k0"]),
    "all equal": lambda: _simple(_drawn(lambda _, p: replace(p, value=3))),
    "equal within criterion": lambda: _simple(
        _drawn(lambda _, p: replace(p, value=int(p.criterion[1]) + 1))
    ),
    "all but one equal": lambda: _simple(_drawn(lambda i, p: replace(p, value=3 + (i == 40)))),
    "interviewers explain everything": lambda: _simple(
        _drawn(lambda _, p: replace(p, value=int(p.interviewer[1]) + 1))
    ),
    "candidates explain everything": lambda: _simple(
        _drawn(lambda _, p: replace(p, value=int(p.subject[1:]) % 4 + 1))
    ),
    "each rated once": _once_each,
    "interviewer is exercise": _interviewer_is_exercise,
    "a level and a job per application": _level_and_job_each,
    "levels with disjoint criteria": _disjoint_levels,
    "only exemplars": _only_exemplars,
    "one interviewer of one exemplar": _one_exemplar_rater,
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("gate", [Gate(), OPEN_GATE], ids=["gate", "open"])
def test_degenerate_groups_are_finite_or_gated(case: str, gate: Gate) -> None:
    points, applications, levels, exemplars = CASES[case]()
    result = calibrate(
        points, applications=applications, levels=levels, exemplars=exemplars, gate=gate
    )
    assert all(math.isfinite(v) for v in numbers(result))
    assert set(result.applications) == {a.id for a in applications}
    for a in result.applications.values():
        assert (a.gate is None) == (a.score is not None)
        for other in result.applications:
            probability = result.probability_above(a.id, other)
            assert probability is None or 0 <= probability <= 1
        bar = result.probability_above_bar(a.id)
        assert bar is None or 0 <= bar <= 1


@pytest.mark.parametrize("case", CASES)
def test_degenerate_groups_without_the_prior_are_finite_too(case: str) -> None:
    points, applications, levels, exemplars = CASES[case]()
    result = calibrate(
        points,
        applications=applications,
        levels=levels,
        exemplars=exemplars,
        gate=OPEN_GATE,
        prior=None,
    )
    assert all(math.isfinite(v) for v in numbers(result))


def test_disjoint_levels_name_the_others_criteria_as_gaps() -> None:
    points, applications, levels, _ = _disjoint_levels()
    result = calibrate(points, applications=applications, levels=levels, gate=OPEN_GATE)
    assert result.applications["a00"].gaps == ("k0", "k1")
    assert result.applications["a01"].gaps == ("m0", "m1")
    assert result.applications["a00"].weights == {"m0": 0.5, "m1": 0.5}
