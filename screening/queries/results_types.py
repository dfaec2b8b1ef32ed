"""What a result is made of: the shapes that page, PDF and API read."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from candidates.models import Application
from rubrics import calibration, scoring
from rubrics.models import Criterion
from screening.queries import results_words as words
from screening.queries.results_flaws import FlawCount


@dataclass(frozen=True, kw_only=True)
class Calibrated:
    """A calibrated value with its standard error and bands, in points, rounded to 2 places.

    `exact` and `exact_se` are what the engine gave (to 1e-6), for charts and recomputing.
    """

    exact: float
    exact_se: float
    value: Decimal
    se: Decimal
    band_50: tuple[Decimal, Decimal]
    band_80: tuple[Decimal, Decimal]
    band_95: tuple[Decimal, Decimal]

    @property
    def band_words(self) -> str:
        return f"{self.band_80[0]}–{self.band_80[1]}"

    @property
    def out_of_100(self) -> Decimal:
        return scoring.to_100(Decimal(str(self.exact)))

    @property
    def band_80_of_100(self) -> tuple[Decimal, Decimal]:
        low, high = calibration.band(self.exact, self.exact_se, 80)
        return scoring.to_100(Decimal(str(low))), scoring.to_100(Decimal(str(high)))


@dataclass(frozen=True, kw_only=True)
class CriterionRow:
    """One criterion of the loop. `weight` is its effective share; `points` the points that count.

    A criterion no stage shows has `is_shown` False, weight 0 and no numbers.
    """

    criterion: Criterion
    weight: Fraction
    bar: Decimal | None
    is_must_pass: bool
    mean: Decimal | None
    points: tuple[tuple[UUID, int], ...]
    calibrated: Calibrated | None
    must_pass_words: str
    is_shown: bool = True

    @property
    def key(self) -> str:
        return str(self.criterion.key)

    @property
    def name(self) -> str:
        return str(self.criterion.name)

    @property
    def n(self) -> int:
        return len(self.points)

    @property
    def weight_percent(self) -> Decimal:
        return scoring.rounded(100 * self.weight, 0)

    @property
    def spread(self) -> int | None:
        """How far apart the points lie; None when nobody observed it."""
        given = [point for _user, point in self.points]
        return max(given) - min(given) if given else None

    @property
    def reads_as(self) -> str:
        if self.mean is None or self.bar is None:
            return ""
        return words.reads_as(self.mean - self.bar)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One interviewer of the application, with what the calibration knows of their severity."""

    user: User
    recommendations: tuple[str, ...]
    abstains: bool
    has_submitted: bool
    severity: Decimal | None = None
    severity_se: Decimal | None = None
    n: int = 0
    severity_words: str = ""


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """The next candidate of the same job by calibrated score, above or below."""

    application: Application
    is_above: bool
    probability: float
    likely: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """All that is said of one application. Where there is no number, a sentence says why.

    `raw` is None below the coverage floor, and then `why_no_raw` speaks; `calibrated` is None while
    its gate is shut, and then `why_not` speaks. `bar` is the score's bar at the job's level.
    """

    application: Application
    level: str
    raw: Decimal | None = None
    raw_of_100: Decimal | None = None
    why_no_raw: str = ""
    coverage: Decimal = Decimal(0)
    coverage_floor: Decimal = scoring.DEFAULT_FLOOR
    bar: Decimal | None = None
    margin: Decimal | None = None
    reads_as: str = ""
    level_words: str = ""
    criteria: tuple[CriterionRow, ...] = ()
    gaps: tuple[CriterionRow, ...] = ()
    must_pass: tuple[str, ...] = ()
    calibrated: Calibrated | None = None
    why_not: str = ""
    why_differs: str = ""
    above_bar: str = ""
    above_bar_words: str = ""
    above_bar_probability: float | None = None
    neighbours: tuple[Neighbour, ...] = ()
    panel: tuple[Member, ...] = ()
    submitted: int = 0
    due: int = 0
    recommendations: tuple[tuple[str, int], ...] = ()
    flaws: tuple[FlawCount, ...] = ()
    rubric: str = ""
    raw_engine: str = scoring.ENGINE_VERSION
    calibration_engine: str = calibration.ENGINE_VERSION
    fingerprint: str = ""

    @property
    def coverage_percent(self) -> Decimal:
        return scoring.rounded(100 * self.coverage, 0)

    @property
    def floor_percent(self) -> Decimal:
        return scoring.rounded(100 * self.coverage_floor, 0)

    @property
    def unobserved(self) -> tuple[CriterionRow, ...]:
        return tuple(row for row in self.criteria if row.mean is None)

    @property
    def compared(self) -> int:
        """Criteria on which at least two gave a point."""
        return sum(row.n > 1 for row in self.criteria)

    @property
    def within_one(self) -> int:
        """Those of them on which all points lie within one."""
        return sum(row.n > 1 and (row.spread or 0) < 2 for row in self.criteria)

    @property
    def agreement_words(self) -> str:
        if not self.compared:
            return ""
        return _("within one point on %(n)s of %(m)s") % {"n": self.within_one, "m": self.compared}

    @property
    def flaws_found(self) -> int:
        return sum(flaw.is_found for flaw in self.flaws)
