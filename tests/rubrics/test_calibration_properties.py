"""What must not change a score: row order, names, the scale of weights, a harsh interviewer."""

import dataclasses
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.parts.panels import Panel, closed_pools, panel_a, panel_b
from rubrics.calibration import CalibrationResult, Point
from rubrics.scoring import LevelStandard

seeds = st.integers(0, 10_000)
few = settings(max_examples=8, deadline=None, derandomize=True)


def panel(seed: int, draw: Callable[[np.random.Generator], Panel] = panel_a) -> Panel:
    return draw(np.random.default_rng(seed))


def run(given_panel: Panel, **changes: object) -> CalibrationResult:
    return dataclasses.replace(given_panel, **changes).calibrated()


@few
@given(seeds)
def test_row_order_changes_nothing(seed: int) -> None:
    drawn = panel(seed, closed_pools)
    mixed = random.Random(seed)  # noqa: S311
    shuffled = run(
        drawn,
        points=mixed.sample(drawn.points, len(drawn.points)),
        applications=mixed.sample(drawn.applications, len(drawn.applications)),
        levels=drawn.levels[::-1],
    )
    plain = run(drawn)
    assert plain.applications == shuffled.applications
    assert plain.interviewers == shuffled.interviewers
    assert plain.sds == shuffled.sds
    assert plain.fingerprint == shuffled.fingerprint
    assert list(plain.applications) == sorted(plain.applications)


@few
@given(seeds)
def test_relabelling_moves_a_score_by_rounding_only(seed: int) -> None:
    drawn = panel(seed)
    mixed = random.Random(seed)  # noqa: S311
    old = sorted(
        {v for p in drawn.points for v in dataclasses.astuple(p)[:6]}
        | {a.job for a in drawn.applications}
    )
    new = dict(zip(old, mixed.sample([f"n{i:05}" for i in range(len(old))], len(old)), strict=True))
    again = run(
        drawn,
        points=[
            Point(*(new[v] for v in dataclasses.astuple(p)[:6]), p.criterion, p.value)
            for p in drawn.points
        ],
        applications=[replace(a, id=new[a.id], job=new[a.job]) for a in drawn.applications],
    )
    for name, before in run(drawn).applications.items():
        after = again.applications[new[name]]
        assert after.score == pytest.approx(before.score, abs=1e-5)
        assert after.se == pytest.approx(before.se, abs=1e-5)


@few
@given(seeds)
def test_scaling_weights_changes_nothing(seed: int) -> None:
    drawn = panel(seed, panel_b)
    scaled = [
        LevelStandard(
            v.key,
            v.label,
            {k: replace(c, weight=Decimal(str(c.weight)) / 8) for k, c in v.criteria.items()},
        )
        for v in drawn.levels
    ]
    assert run(drawn).applications == run(drawn, levels=scaled).applications


@few
@given(seeds)
def test_a_constant_on_one_interviewer_goes_mostly_into_their_severity(seed: int) -> None:
    drawn = panel(seed)
    who = "i0003"
    low = [replace(p, value=min(p.value, 3)) if p.interviewer == who else p for p in drawn.points]
    high = [replace(p, value=p.value + 1) if p.interviewer == who else p for p in low]
    before, after = run(drawn, points=low), run(drawn, points=high)
    first, second = before.interviewers[who].severity, after.interviewers[who].severity
    assert first is not None
    assert second is not None
    assert second - first > 0.5
    shifts: list[tuple[float, float]] = []
    for name in {p.subject for p in low if p.interviewer == who}:
        old, new = before.applications[name], after.applications[name]
        assert old.raw is not None
        assert new.raw is not None
        assert old.score is not None
        assert new.score is not None
        shift = abs(new.score - old.score), float(new.raw.exact - old.raw.exact)
        shifts.append(shift)
        seen = [p for p in low if (p.interviewer, p.subject) == (who, name)]
        # One light criterion seen alone hardly moves raw, but speaks for the candidate's others.
        assert shift[0] < shift[1] or len(seen) < len(old.criteria)
    assert sum(calibrated for calibrated, _ in shifts) < 0.5 * sum(raw for _, raw in shifts)


@few
@given(seeds)
def test_identical_applications_get_identical_scores(seed: int) -> None:
    drawn = panel(seed, closed_pools)
    first = drawn.applications[0]
    twin = [
        replace(
            p,
            id=f"zz-{p.id}",
            subject="zz",
            scorecard=f"zz-{p.scorecard}",
            assignment=f"zz-{p.assignment}",
        )
        for p in drawn.points
        if p.subject == first.id
    ]
    result = run(
        drawn,
        points=drawn.points + twin,
        applications=[*drawn.applications, replace(first, id="zz")],
    )
    one, other = result.applications[first.id], result.applications["zz"]
    assert one.score == pytest.approx(other.score, abs=1.1e-6)
    assert one.se == pytest.approx(other.se, abs=1.1e-6)
    assert result.probability_above(first.id, "zz") == pytest.approx(0.5, abs=1e-5)
