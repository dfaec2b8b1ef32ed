"""Calibration: the gate's sentences, what is refused, fingerprint and bands."""

from dataclasses import replace

import numpy as np
import pytest

from bench.parts.panels import panel_b
from rubrics.calibration import CalibrationResult, band, calibrate
from rubrics.scoring import TOO_LITTLE
from tests.rubrics.calibration_groups import Draw, application, card, standard


def sentence(result: CalibrationResult, subject: str) -> str | None:
    own = result.applications[subject]
    assert (own.gate is None) == (own.score is not None)
    return own.gate.sentence if own.gate else None


def test_a_large_linked_group_is_shown() -> None:
    draw = Draw()
    draw.pool(14, ["i0", "i1", "i2", "i3"], cards=3)
    result = draw.result()
    assert all(a.gate is None and a.score is not None for a in result.applications.values())
    assert result.reliability is not None
    assert 0 < result.reliability < 1
    assert set(result.sds) >= {"candidate", "interviewer", "residual"}
    assert [c.scorecards for c in result.components] == [42]


def test_too_little_observed_speaks_first() -> None:
    draw = Draw()
    draw.pool(14, ["i0", "i1", "i2", "i3"], cards=3)
    draw.card("b", "i0", ["k0"])
    result = draw.result()
    assert sentence(result, "b") == TOO_LITTLE
    assert result.applications["b"].raw is None
    assert sentence(result, "a00") is None


@pytest.mark.parametrize("times", [1, 2])
def test_one_interviewer_is_not_enough(times: int) -> None:
    draw = Draw()
    draw.pool(14, ["i0", "i1", "i2", "i3"], cards=3)
    for _ in range(times):
        draw.card("b", "i0")
    result = draw.result()
    wanted = "Only one interviewer has scored this; a second makes it comparable."
    assert sentence(result, "b") == wanted
    assert result.applications["b"].raw is not None


@pytest.mark.parametrize(
    ("interviewers", "who"),
    [
        (["i1", "i2"], "Ben and Chi share"),
        (["i2", "i1", "i3"], "Ben, Chi and Dev share"),
        (["i1", "i2", "i3", "i4", "i5"], "These 5 interviewers share"),
    ],
)
def test_an_unlinked_component_is_named(interviewers: list[str], who: str) -> None:
    draw = Draw()
    draw.pool(14, ["p0", "p1", "p2", "p3"], cards=3)
    draw.pool(5, interviewers, cards=2, tag="b")
    result = draw.result()
    assert sentence(result, "a00") is None
    assert sentence(result, "b00") == (
        f"{who} no candidate or exemplar with the others. "
        "One shared exemplar packet would link them."
    )


def test_one_shared_exemplar_links_them_and_is_never_listed() -> None:
    draw = Draw()
    draw.pool(14, ["i0", "i3", "i4", "i5"], cards=3)
    draw.pool(3, ["i1", "i2"], cards=2, tag="b")
    for who in ("i0", "i1"):
        draw.card("x0", who)
    result = draw.result()
    assert sentence(result, "b00") is None
    assert "x0" not in result.applications
    assert len(result.components) == 1
    assert result.components[0].exemplars == ("x0",)
    assert result.components[0].scorecards == 14 * 3 + 3 * 2 + 2
    assert result.interviewers["i1"].n == 4


@pytest.mark.parametrize(
    ("candidates", "interviewers", "cards", "wanted"),
    [
        (11, 4, 2, "22 of 40 scorecards needed."),
        (20, 3, 2, "3 of 4 interviewers needed."),
        (9, 5, 5, "9 of 10 candidates needed."),
    ],
)
def test_a_small_component_says_what_is_missing(
    candidates: int, interviewers: int, cards: int, wanted: str
) -> None:
    draw = Draw()
    draw.pool(candidates, [f"i{i}" for i in range(interviewers)], cards=cards)
    assert sentence(draw.result(), "a00") == wanted


@pytest.mark.parametrize(
    ("times", "wanted"),
    [
        (1, "Dev has 1 scorecard; 3 are needed before their severity can be judged."),
        (2, "Dev has 2 scorecards; 3 are needed before their severity can be judged."),
        (3, None),
    ],
)
def test_an_unknown_interviewer_shuts_only_their_candidates(times: int, wanted: str | None) -> None:
    draw = Draw()
    draw.pool(14, ["i0", "i1", "i2", "i4"], cards=3)
    for c in range(times):
        draw.card(f"a0{c}", "i3")
    result = draw.result()
    assert sentence(result, "a00") == wanted
    assert sentence(result, "a05") is None


def test_equal_points_leave_nothing_to_calibrate() -> None:
    draw = Draw()
    draw.pool(14, ["i0", "i1", "i2", "i3"], cards=3)
    draw.points = [replace(p, value=int(p.criterion[1]) + 1) for p in draw.points]
    result = draw.result()
    wanted = "Within each criterion and level all points are equal; there is nothing to calibrate."
    assert sentence(result, "a00") == wanted
    assert result.interviewers["i0"].severity is None
    assert (result.sds, result.reliability) == ({}, None)


def test_nothing_is_told_of_a_score_behind_a_shut_gate() -> None:
    draw = Draw()
    draw.pool(11, ["i0", "i1", "i2", "i3"], cards=2)
    result = draw.result()
    own = result.applications["a00"]
    assert (own.score, own.se, own.band()) == (None, None, None)
    assert {(c.score, c.se) for c in own.criteria} == {(None, None)}
    assert result.probability_above("a00", "a01") is None
    assert result.probability_above_bar("a00") is None


def test_components_are_never_compared() -> None:
    draw = Draw()
    draw.pool(14, ["i0", "i1", "i2", "i3"], cards=3)
    draw.pool(14, ["p0", "p1", "p2", "p3"], cards=3, tag="b")
    result = draw.result()
    assert sentence(result, "a00") is None
    assert sentence(result, "b00") is None
    assert result.probability_above("a00", "b00") is None
    assert result.probability_above("a00", "a01") is not None


def test_the_fingerprint_is_of_everything_that_matters() -> None:
    drawn = panel_b(np.random.default_rng(1))
    plain = drawn.calibrated().fingerprint
    first = drawn.applications[0]
    changes: list[dict[str, object]] = [
        {"points": [replace(drawn.points[0], exercise="e9"), *drawn.points[6:]]},
        {"points": drawn.points[1:]},
        {"applications": [replace(first, loop=first.loop[:-1]), *drawn.applications[1:]]},
        {"levels": [standard("l0", drawn.levels[0].criteria)]},
    ]
    found = {replace(drawn, **change).calibrated().fingerprint for change in changes}
    assert len(found | {plain}) == len(changes) + 1
    stricter = calibrate(drawn.points, applications=drawn.applications, levels=drawn.levels)
    assert stricter.fingerprint != plain
    assert len(plain) == 64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": 5}, "not on the scale"),
        ({"value": 2.5}, "not on the scale"),
        ({"value": float("nan")}, "not on the scale"),
        ({"subject": "nobody"}, "neither"),
        ({"interviewer": "another"}, "two assignments or interviewers"),
        ({"id": "s0000-k1"}, "given twice"),
        ({"criterion": "k1"}, "repeats a criterion"),
    ],
)
def test_contradictions_are_refused(change: dict[str, object], message: str) -> None:
    points = card(0, "a", "i0", {"k0": 3, "k1": 2})
    points[0] = replace(points[0], **change)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=message):
        calibrate(points, applications=[application("a")], levels=[standard()])


def test_an_unknown_level_and_a_double_role_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown level"):
        calibrate([], applications=[application("a")], levels=[])
    with pytest.raises(ValueError, match="both"):
        calibrate([], applications=[application("a")], levels=[standard()], exemplars=["a"])


@pytest.mark.parametrize(
    ("percent", "wanted"),
    [(50, (2.8651, 3.1349)), (80, (2.74368, 3.25632)), (95, (2.608, 3.392))],
)
def test_bands_are_normal(percent: int, wanted: tuple[float, float]) -> None:
    assert band(3.0, 0.2, percent) == wanted


def test_bands_are_clipped_to_the_scale() -> None:
    assert band(3.9, 0.5, 95) == (2.92, 4.0)
    assert band(1.05, 0.2, 95) == (1.0, 1.442)
