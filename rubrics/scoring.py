"""Raw scores: exact fractions of the points given, rounded half-even to 2 places once, when read.

Points are 1 to 4; None is "not observed", left out of numerator and denominator alike. Weights
are non-negative exact numbers, normalised when read. Source: the method page, "The raw score".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

ENGINE_VERSION = "raw-1"
DEFAULT_FLOOR = Decimal("0.60")
LOWEST_POINT, HIGHEST_POINT = 1, 4
NO_DECISION = "no_decision"
TOO_LITTLE = "Too little was observed to score this."

Exact = int | Decimal | Fraction


def rounded(value: Exact, places: int = 2) -> Decimal:
    """The value as a Decimal with that many places, half to even; exact ties are seen as ties."""
    shifted = round(Fraction(value) * 10**places)
    return Decimal(shifted).scaleb(-places)


@dataclass(frozen=True, slots=True)
class Score:
    """A number on the 1-4 scale, kept exact; `value` and `out_of_100` read it to 2 places."""

    exact: Fraction

    @property
    def value(self) -> Decimal:
        return rounded(self.exact)

    @property
    def out_of_100(self) -> Decimal:
        return to_100(self.exact)


@dataclass(frozen=True, slots=True)
class CriterionStandard:
    """One criterion at one level: weight (any scale), bar (1-4), and whether it must be passed."""

    weight: Exact
    bar: Exact
    must_pass: bool = False


@dataclass(frozen=True, slots=True)
class LevelStandard:
    """What a rubric version asks at one level: its criteria by key, in the rubric's order."""

    key: str
    label: str
    criteria: Mapping[str, CriterionStandard]


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """The mean of the points on one criterion over the scorecards that count."""

    key: str
    score: Score | None
    n: int
    weight: Fraction
    bar: Score | None
    must_pass: bool

    @property
    def is_below_must_pass(self) -> bool:
        """Whether a must-pass criterion was observed below its bar, to be said in words."""
        if not self.must_pass or self.score is None or self.bar is None:
            return False
        return self.score.exact < self.bar.exact


@dataclass(frozen=True, slots=True)
class LevelReading:
    """The same points read with one level's weights and bars; no score below the floor.

    `margin` is raw minus bar, rounded once: "meets mid (2.60) by 0.31; 0.40 short of senior".
    """

    key: str
    label: str
    score: Score | None
    bar: Score | None
    coverage: Fraction

    @property
    def meets(self) -> bool | None:
        if self.score is None or self.bar is None:
            return None
        return self.score.exact >= self.bar.exact

    @property
    def margin(self) -> Decimal | None:
        if self.score is None or self.bar is None:
            return None
        return rounded(self.score.exact - self.bar.exact)


@dataclass(frozen=True, slots=True)
class RawResult:
    """An application's or a scorecard's raw score with all that must be said beside it.

    `score` is None below the coverage floor, and then `reason` says so. `gaps` are criteria of the
    rubric that no stage shows; `unobserved` are shown ones on which nobody gave a point.
    """

    score: Score | None
    bar: Score | None
    coverage: Fraction
    reason: str | None
    criteria: tuple[CriterionScore, ...]
    own: LevelReading
    others: tuple[LevelReading, ...] = ()
    gaps: tuple[str, ...] = ()
    unobserved: tuple[str, ...] = ()
    engine_version: str = field(default=ENGINE_VERSION)

    @property
    def coverage_value(self) -> Decimal:
        return rounded(self.coverage)

    @property
    def must_pass_below(self) -> tuple[CriterionScore, ...]:
        return tuple(c for c in self.criteria if c.is_below_must_pass)


def to_100(raw: Exact) -> Decimal:
    """The 1-4 scale as 0-100, from the unrounded value: 100 (raw - 1) / 3, 2 places half-even."""
    span = HIGHEST_POINT - LOWEST_POINT
    return rounded(100 * (Fraction(raw) - LOWEST_POINT) / span)


def effective_weights(
    level: LevelStandard, criteria: Iterable[str] | None = None
) -> dict[str, Fraction]:
    """The level's weights over those criteria (all without), sum 1; empty when they weigh nothing.

    Raises ValueError on a negative weight.
    """
    keys = level.criteria if criteria is None else dict.fromkeys(criteria)
    weights = {k: Fraction(level.criteria[k].weight) for k in keys if k in level.criteria}
    if any(w < 0 for w in weights.values()):
        raise ValueError("a weight is negative")
    total = sum(weights.values(), Fraction(0))
    return {k: w / total for k, w in weights.items()} if total else {}


def criterion_means(cards: Iterable[Mapping[str, int | None]]) -> dict[str, tuple[Fraction, int]]:
    """Mean point and number of points per criterion observed at least once; ValueError off 1-4."""
    points: dict[str, list[int]] = {}
    for card in cards:
        for key, point in card.items():
            if point is None:
                continue
            if point not in range(LOWEST_POINT, HIGHEST_POINT + 1):
                raise ValueError(f"{point!r} is not a point of the scale")
            points.setdefault(key, []).append(point)
    return {key: (Fraction(sum(given), len(given)), len(given)) for key, given in points.items()}


def score_application(
    cards: Sequence[Mapping[str, int | None]],
    *,
    level: LevelStandard,
    loop_criteria: Iterable[str],
    others: Sequence[LevelStandard] = (),
    floor: Exact = DEFAULT_FLOOR,
) -> RawResult:
    """The raw result of one application from the points of its scorecards that count.

    `loop_criteria` are those any stage shows; `others` the levels to read the same points against.
    """
    shown = tuple(dict.fromkeys(loop_criteria))
    means = {k: m for k, m in criterion_means(cards).items() if k in shown}
    own = _reading(level, means=means, shown=shown, floor=floor)
    return RawResult(
        score=own.score,
        bar=own.bar,
        coverage=own.coverage,
        reason=None if own.score else TOO_LITTLE,
        criteria=_criteria(level, means=means, shown=shown),
        own=own,
        others=tuple(_reading(o, means=means, shown=shown, floor=floor) for o in others),
        gaps=tuple(k for k in level.criteria if k not in shown),
        unobserved=tuple(k for k in shown if k not in means),
    )


def score_scorecard(
    points: Mapping[str, int | None],
    *,
    level: LevelStandard,
    criteria: Iterable[str],
    floor: Exact = DEFAULT_FLOOR,
) -> RawResult:
    """One scorecard by the application's formula over its stage's criteria; never averaged further.

    `gaps` stays empty: what a stage does not show is no fault of its scorecard.
    """
    keys = tuple(dict.fromkeys(criteria))
    narrowed = LevelStandard(
        level.key, level.label, {k: c for k, c in level.criteria.items() if k in keys}
    )
    return score_application([points], level=narrowed, loop_criteria=keys, floor=floor)


def is_abstention(
    points: Mapping[str, int | None],
    *,
    recommendation: str,
    level: LevelStandard,
    criteria: Iterable[str],
    floor: Exact = DEFAULT_FLOOR,
) -> bool:
    """Whether a submitted scorecard counts nowhere: "no decision", or too little of it observed."""
    if recommendation == NO_DECISION:
        return True
    return score_scorecard(points, level=level, criteria=criteria, floor=floor).score is None


def _reading(
    level: LevelStandard,
    *,
    means: Mapping[str, tuple[Fraction, int]],
    shown: Sequence[str],
    floor: Exact,
) -> LevelReading:
    shares = effective_weights(level, shown)
    observed = effective_weights(level, [k for k in shares if k in means])
    coverage = sum((shares[k] for k in observed), Fraction(0))
    if not observed or coverage < Fraction(floor):
        return LevelReading(level.key, level.label, None, None, coverage)
    raw = sum((w * means[k][0] for k, w in observed.items()), Fraction(0))
    bar = sum((w * Fraction(level.criteria[k].bar) for k, w in observed.items()), Fraction(0))
    return LevelReading(level.key, level.label, Score(raw), Score(bar), coverage)


def _criteria(
    level: LevelStandard, *, means: Mapping[str, tuple[Fraction, int]], shown: Sequence[str]
) -> tuple[CriterionScore, ...]:
    shares = effective_weights(level, shown)
    return tuple(
        _criterion(k, means.get(k), weight=shares.get(k, Fraction(0)), asked=level.criteria.get(k))
        for k in shown
    )


def _criterion(
    key: str,
    mean: tuple[Fraction, int] | None,
    *,
    weight: Fraction,
    asked: CriterionStandard | None,
) -> CriterionScore:
    return CriterionScore(
        key=key,
        score=Score(mean[0]) if mean else None,
        n=mean[1] if mean else 0,
        weight=weight,
        bar=Score(Fraction(asked.bar)) if asked else None,
        must_pass=bool(asked and asked.must_pass),
    )
