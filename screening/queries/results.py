"""The result of an application: the only place where page, PDF and API get its numbers from.

Raw is made of the points as they stand now; calibrated of the first judgements (see
`results_input`). Numbers are exact until they are rounded here, once, half to even, to 2 places.
Nothing in here asks who is looking: callers give only applications whose debrief is open to them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from statistics import NormalDist
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from candidates.models import Application
from rubrics import calibration, scoring
from rubrics.models import Criterion
from screening.models import Recommendation
from screening.queries import results_words as words
from screening.queries.results_flaws import FlawCount, flaw_counts
from screening.queries.results_input import Standard, fits, standards
from screening.queries.results_open import Panel, debrief_is_open, panels
from screening.queries.results_rows import Card, Facts, facts_of
from screening.queries.results_types import (
    Calibrated,
    CriterionRow,
    Member,
    Neighbour,
    Result,
)

__all__ = [
    "Calibrated",
    "CriterionRow",
    "Member",
    "Neighbour",
    "Panel",
    "Result",
    "debrief_is_open",
    "panels",
    "result_of",
    "results_of",
]


def result_of(application: Application) -> Result:
    """The result of one application; its neighbours are known to `results_of` only."""
    return results_of([application])[application.pk]


def results_of(applications: Iterable[Application]) -> dict[UUID, Result]:
    """Results by application id at a constant number of queries.

    Neighbours are looked for among the applications given, so that nobody meets one by surprise.
    """
    asked = list(applications)
    facts = facts_of(asked)
    known = standards({f.version.structure_hash for f in facts.values() if f.version})
    fitted = fits(known)
    flaws = flaw_counts(facts)
    found = {}
    for application in asked:
        own = facts[application.pk]
        if own.version is None or own.level_key not in known[own.version.pk].levels:
            found[application.pk] = _nothing(own)
            continue
        standard = known[own.version.pk]
        fit = fitted[own.version.structure_hash]
        found[application.pk] = _result(own, standard, fit, flaws.get(application.pk, ()))
    return _with_neighbours(found, facts, fitted)


def _nothing(own: Facts) -> Result:
    return Result(
        application=own.application,
        level=own.level_name,
        why_no_raw=_(scoring.TOO_LITTLE),
        why_not=_(scoring.TOO_LITTLE),
    )


def _result(
    own: Facts,
    standard: Standard,
    fit: calibration.CalibrationResult,
    flaws: tuple[FlawCount, ...],
) -> Result:
    level = standard.levels[own.level_key]
    raw = scoring.score_application(
        [card.points for card in own.counting],
        level=level,
        loop_criteria=[key for key in own.loop if key in standard.criteria],
        others=_adjacent(standard, own.level_key),
        floor=standard.version.coverage_floor,
    )
    fitted = fit.applications.get(str(own.application.pk)) if own.is_complete else None
    shown = fitted if raw.score is not None else None
    criteria = tuple(
        _criterion(row, own, standard.criteria[row.key], shown) for row in raw.criteria
    )
    calibrated = _calibrated(shown.score, shown.se) if shown else None
    likely = _above_bar(shown, standard.levels[own.level_key])
    panel = _panel(own.cards, fit)
    return Result(
        application=own.application,
        level=level.label,
        raw=raw.score.value if raw.score else None,
        raw_of_100=raw.score.out_of_100 if raw.score else None,
        why_no_raw=_(raw.reason) if raw.reason else "",
        coverage=raw.coverage_value,
        coverage_floor=standard.version.coverage_floor,
        bar=raw.bar.value if raw.bar else None,
        margin=raw.own.margin,
        reads_as=words.reads_as(raw.own.margin),
        level_words=words.levels([raw.own, *raw.others]),
        criteria=criteria,
        gaps=tuple(_gap(standard.criteria[key]) for key in raw.gaps if key in standard.criteria),
        must_pass=tuple(row.must_pass_words for row in criteria if row.must_pass_words),
        calibrated=calibrated,
        why_not="" if calibrated else _why_not(raw, own, fitted),
        why_differs=_why_differs(panel) if calibrated else "",
        above_bar=words.percent(likely) if likely is not None else "",
        above_bar_words=(
            words.above_bar(words.percent(likely), level.label) if likely is not None else ""
        ),
        above_bar_probability=likely,
        panel=panel,
        submitted=sum(card.is_submitted for card in own.cards),
        due=len(own.cards),
        recommendations=_recommendations(own.cards),
        flaws=flaws,
        rubric=str(standard.version),
        fingerprint=fit.fingerprint,
    )


def _adjacent(standard: Standard, key: str) -> list[scoring.LevelStandard]:
    """The levels right above and right below."""
    at = standard.order.index(key)
    near = [*standard.order[at + 1 : at + 2], *standard.order[max(at - 1, 0) : at]]
    return [standard.levels[other] for other in near]


def _calibrated(score: float | None, se: float | None) -> Calibrated | None:
    if score is None or se is None:
        return None
    bands = {
        f"band_{share}": tuple(words.two(end) for end in calibration.band(score, se, share))
        for share in (50, 80, 95)
    }
    made: dict[str, Any] = {"value": words.two(score), "se": words.two(se), **bands}
    return Calibrated(exact=score, exact_se=se, **made)


def _criterion(
    row: scoring.CriterionScore,
    own: Facts,
    criterion: Criterion,
    shown: calibration.ApplicationResult | None,
) -> CriterionRow:
    fitted = next((c for c in shown.criteria if c.key == row.key), None) if shown else None
    said = ""
    if row.is_below_must_pass and row.score and row.bar:
        said = words.must_pass(criterion.name, row.score.value, row.bar.value)
    return CriterionRow(
        criterion=criterion,
        weight=row.weight,
        bar=row.bar.value if row.bar else None,
        is_must_pass=row.must_pass,
        mean=row.score.value if row.score else None,
        points=tuple(
            (card.user.pk, point)
            for card in own.counting
            if (point := card.points.get(row.key)) is not None
        ),
        calibrated=_calibrated(fitted.score, fitted.se) if fitted else None,
        must_pass_words=said,
    )


def _gap(criterion: Criterion) -> CriterionRow:
    return CriterionRow(
        criterion=criterion,
        weight=Fraction(0),
        bar=None,
        is_must_pass=False,
        mean=None,
        points=(),
        calibrated=None,
        must_pass_words="",
        is_shown=False,
    )


def _above_bar(
    shown: calibration.ApplicationResult | None, level: scoring.LevelStandard
) -> float | None:
    """How likely the calibrated score lies above the bar of its own rubric version's criteria.

    Versions of one structure share weights but may differ in bars, so the engine's bar, which is
    that of the newest, would be the wrong one for an older.
    """
    if shown is None or shown.score is None or not shown.se:
        return None
    asked = scoring.effective_weights(level, shown.weights)
    bar = sum((w * Fraction(level.criteria[k].bar) for k, w in asked.items()), Fraction(0))
    return NormalDist().cdf((shown.score - float(bar)) / shown.se)


def _why_not(
    raw: scoring.RawResult, own: Facts, fitted: calibration.ApplicationResult | None
) -> str:
    if raw.score is None:
        return _(scoring.TOO_LITTLE)
    if not own.is_complete:
        return words.waits(sum(not card.is_submitted for card in own.cards))
    if fitted is None or fitted.gate is None:
        return _(scoring.TOO_LITTLE)
    return _(fitted.gate.sentence)


def _why_differs(panel: Sequence[Member]) -> str:
    told = [(m.user.get_short_name(), m.severity, m.n) for m in panel if m.severity is not None]
    return words.differs(sorted(told, key=lambda row: (-abs(row[1]), row[0])))


def _panel(cards: Sequence[Card], fit: calibration.CalibrationResult) -> tuple[Member, ...]:
    by_user: dict[UUID, list[Card]] = {}
    for card in cards:
        by_user.setdefault(card.user.pk, []).append(card)
    return tuple(_member(of, fit) for of in by_user.values())


def _member(cards: Sequence[Card], fit: calibration.CalibrationResult) -> Member:
    user = cards[0].user
    known = fit.interviewers.get(str(user.pk))
    value = words.two(known.severity) if known and known.severity is not None else None
    n = known.n if known else 0
    return Member(
        user=user,
        recommendations=tuple(card.recommendation for card in cards if card.is_submitted),
        abstains=all(card.is_abstention for card in cards),
        has_submitted=all(card.is_submitted for card in cards),
        severity=value,
        severity_se=words.two(known.se) if known and known.se is not None else None,
        n=n,
        severity_words=(
            words.severity(user.get_short_name(), value, n) + "." if value is not None else ""
        ),
    )


def _recommendations(cards: Sequence[Card]) -> tuple[tuple[str, int], ...]:
    """How many submitted scorecards say what, from strong no to no decision; unsaid is left out.

    An abstention decides nothing, whatever word was chosen on it.
    """
    given = [
        Recommendation.NO_DECISION.value if card.is_abstention else card.recommendation
        for card in cards
        if card.is_submitted
    ]
    return tuple(
        (str(choice.label), given.count(choice.value))
        for choice in Recommendation
        if choice.value in given
    )


def _with_neighbours(
    found: Mapping[UUID, Result],
    facts: Mapping[UUID, Facts],
    fitted: Mapping[str, calibration.CalibrationResult],
) -> dict[UUID, Result]:
    by_job: dict[tuple[UUID, str], list[Result]] = {}
    for pk, result in found.items():
        version = facts[pk].version
        if result.calibrated and version:
            by_job.setdefault((result.application.job_id, version.structure_hash), []).append(
                result
            )
    neighbours: dict[UUID, list[Neighbour]] = {}
    for (_job, of), results in by_job.items():
        ranked = sorted(results, key=_rank)
        for upper, lower in pairwise(ranked):
            likely = fitted[of].probability_above(
                str(upper.application.pk), str(lower.application.pk)
            )
            if likely is None:
                continue
            for one, other in ((upper, lower), (lower, upper)):
                made = _neighbour(other, upper, lower, likely)
                neighbours.setdefault(one.application.pk, []).append(made)
    return {pk: replace(r, neighbours=tuple(neighbours.get(pk, ()))) for pk, r in found.items()}


def _rank(result: Result) -> tuple[float, str]:
    return (-result.calibrated.exact if result.calibrated else 0.0, result.application.code)


def _neighbour(other: Result, upper: Result, lower: Result, likely: float) -> Neighbour:
    told = words.percent(likely)
    return Neighbour(
        application=other.application,
        is_above=other is upper,
        probability=likely,
        likely=told,
        sentence=words.above(told, upper.application.code, lower.application.code),
    )
