"""Raw scores: exact, rounded half-even once, coverage beside them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rubrics.scoring import (
    NO_DECISION,
    TOO_LITTLE,
    CriterionStandard,
    LevelStandard,
    effective_weights,
    is_abstention,
    rounded,
    score_application,
    score_scorecard,
    to_100,
)


def level(key: str = "mid", **asked: tuple[object, object]) -> LevelStandard:
    criteria = {
        k: CriterionStandard(weight=Decimal(str(w)), bar=Decimal(str(b)))
        for k, (w, b) in asked.items()
    }
    return LevelStandard(key, key.title(), criteria)


MID = level(a=("0.35", 3), b=("0.40", 2), c=("0.25", 3))


def test_formula_of_the_method_page() -> None:
    result = score_application([{"a": 3, "b": 2, "c": 4}], level=MID, loop_criteria="abc")
    assert result.score is not None
    assert result.score.value == Decimal("2.85")
    assert result.score.out_of_100 == Decimal("61.67")
    assert result.coverage == 1
    assert result.reason is None


def test_criterion_is_the_mean_over_scorecards_and_not_observed_is_left_out() -> None:
    cards = [{"a": 4, "b": None, "c": 1}, {"a": 3, "b": None, "c": None}, {"a": 3, "b": None}]
    result = score_application(cards, level=MID, loop_criteria="abc")
    means = {c.key: (c.score.exact if c.score else None, c.n) for c in result.criteria}
    assert means == {"a": (Fraction(10, 3), 3), "b": (None, 0), "c": (Fraction(1), 1)}
    assert result.coverage == Fraction(60, 100)
    assert result.score is not None
    assert result.score.exact == (Fraction(35) * Fraction(10, 3) + 25) / 60
    assert result.unobserved == ("b",)


def test_below_the_floor_there_is_no_score_but_a_sentence() -> None:
    result = score_application([{"c": 4, "a": None}], level=MID, loop_criteria="abc")
    assert (result.score, result.bar, result.reason) == (None, None, TOO_LITTLE)
    assert result.coverage_value == Decimal("0.25")


def test_exactly_on_the_floor_counts() -> None:
    result = score_application([{"a": 4, "c": 4}], level=MID, loop_criteria="abc")
    assert result.coverage == Fraction("0.60")
    assert result.score is not None


@pytest.mark.parametrize("cards", [[], [{}], [{"a": None, "b": None, "c": None}]])
def test_nothing_observed(cards: list[dict[str, int | None]]) -> None:
    result = score_application(cards, level=MID, loop_criteria="abc", floor=0)
    assert result.score is None
    assert result.coverage == 0


def test_weightless_criteria_alone_make_no_score() -> None:
    result = score_application([{"a": 4}], level=level(a=(0, 3)), loop_criteria="a", floor=0)
    assert result.score is None


def test_criteria_no_stage_shows_are_gaps_and_do_not_count() -> None:
    result = score_application([{"a": 2, "c": 4}], level=MID, loop_criteria="ab")
    assert result.gaps == ("c",)
    assert result.coverage == Fraction(35, 75)


def test_must_pass_below_its_bar_is_said_beside_the_score() -> None:
    asked = {
        "a": CriterionStandard(1, 3, must_pass=True),
        "b": CriterionStandard(1, 3, must_pass=True),
        "c": CriterionStandard(1, 3),
    }
    cards = [{"a": 2, "b": 3, "c": 1}, {"a": 3, "b": 3, "c": 1}]
    result = score_application(cards, level=LevelStandard("m", "M", asked), loop_criteria="abc")
    assert [c.key for c in result.must_pass_below] == ["a"]


def test_the_bar_is_over_observed_criteria_only() -> None:
    result = score_application([{"a": 4, "b": 4}], level=MID, loop_criteria="abc")
    assert result.bar is not None
    assert result.bar.exact == Fraction(35 * 3 + 40 * 2, 75)


def test_same_points_read_against_other_levels_with_their_weights_and_bars() -> None:
    entry = level("entry", a=(1, 1), b=(1, 1), c=(2, 2))
    senior = level("senior", a=(1, 4), b=(3, 4), c=(1, 3))
    points = {"a": 3, "b": 2, "c": 4}
    result = score_application([points], level=MID, loop_criteria="abc", others=[entry, senior])
    below, above = result.others
    assert (below.label, below.meets, below.margin) == ("Entry", True, Decimal("1.75"))
    assert above.score is not None
    assert above.score.value == Decimal("2.60")
    assert (above.meets, above.margin) == (False, Decimal("-1.20"))
    assert (result.own.meets, result.own.margin) == (True, Decimal("0.25"))


def test_another_level_below_its_own_floor_says_nothing() -> None:
    senior = level("senior", a=(1, 4), b=(9, 4), c=(1, 3))
    result = score_application([{"a": 3, "c": 4}], level=MID, loop_criteria="abc", others=[senior])
    other = result.others[0]
    assert (other.score, other.meets, other.margin) == (None, None, None)


def test_scorecard_has_the_formula_over_its_stage() -> None:
    result = score_scorecard({"a": 4, "b": 1}, level=MID, criteria="ab")
    assert result.score is not None
    assert result.score.value == rounded(Fraction(35 * 4 + 40, 75))
    assert result.gaps == ()


@pytest.mark.parametrize(
    ("points", "recommendation", "abstains"),
    [
        ({"a": 4, "b": 1}, "yes", False),
        ({"a": 4, "b": 1}, NO_DECISION, True),
        ({"a": 4, "b": None}, "yes", True),
        ({"a": None, "b": 4}, "no", True),
        ({}, "yes", True),
    ],
)
def test_abstention(points: dict[str, int | None], recommendation: str, *, abstains: bool) -> None:
    found = is_abstention(points, recommendation=recommendation, level=MID, criteria="ab")
    assert found is abstains


@pytest.mark.parametrize("point", [0, 5, -1])
def test_only_points_of_the_scale(point: int) -> None:
    with pytest.raises(ValueError, match="not a point"):
        score_application([{"a": point}], level=MID, loop_criteria="abc")


def test_negative_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        effective_weights(level(a=(-1, 3), b=(3, 3)))


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2.605", "2.60"), ("2.615", "2.62"), ("2.6050001", "2.61"), ("-0.125", "-0.12")],
)
def test_rounds_half_to_even_once(value: str, shown: str) -> None:
    assert rounded(Decimal(value)) == Decimal(shown)
    assert str(rounded(Decimal(value))) == shown


def test_out_of_100_is_from_the_unrounded_value() -> None:
    assert [to_100(v) for v in (1, 4, Fraction(8, 3))] == [0, 100, Decimal("55.56")]


weights = st.lists(st.integers(1, 1000), min_size=3, max_size=3)
cards = st.lists(
    st.fixed_dictionaries({k: st.none() | st.integers(1, 4) for k in "abc"}), min_size=1, max_size=4
)


@given(weights, cards, st.integers(1, 10**6))
def test_scaling_weights_changes_nothing(
    given_weights: list[int], given_cards: list[dict[str, int | None]], factor: int
) -> None:
    plain, scaled = (
        score_application(
            given_cards,
            level=level(**{k: (w * f, 3) for k, w in zip("abc", given_weights, strict=True)}),
            loop_criteria="abc",
        )
        for f in (1, factor)
    )
    assert plain == scaled


@given(weights, cards)
def test_a_score_lies_between_its_lowest_and_highest_point(
    given_weights: list[int], given_cards: list[dict[str, int | None]]
) -> None:
    asked = level(**{k: (w, 3) for k, w in zip("abc", given_weights, strict=True)})
    result = score_application(given_cards, level=asked, loop_criteria="abc", floor=0)
    points = [p for card in given_cards for p in card.values() if p is not None]
    if result.score is None:
        assert not points
    else:
        assert min(points) <= result.score.exact <= max(points)
        assert sum(effective_weights(asked).values()) == 1
