"""What a scorecard is judged by, what it still lacks, and whose it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from rubrics import scoring
from rubrics.models import Anchor, CriterionLevel, Level
from screening.models import Assignment, AssignmentStatus, Mode, Recommendation, Scorecard

NOT_OBSERVED = "0"
POINTS = (NOT_OBSERVED, "1", "2", "3", "4")
# A middling point explains itself; the others ask what was seen.
ASKS_EVIDENCE = frozenset({"1", "3", "4"})
VERDICTS = ("found", "partly", "missed")


@dataclass(frozen=True)
class Aspect:
    """One criterion of an assignment with its standard at the job's level."""

    number: int
    standard: CriterionLevel
    share: int = 0
    anchors: Mapping[int, Anchor] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return str(self.standard.criterion.key)

    @property
    def name(self) -> str:
        return str(self.standard.criterion.name)


@dataclass(frozen=True)
class Gap:
    """Something a scorecard still asks for: the field to go to, and the sentence about it."""

    field: str
    text: str


def own(user: User) -> Any:
    """The scorecards this user writes; a declared conflict ends this too."""
    return Scorecard.objects.visible_to(user).filter(interviewer=user)


def can_be_scored(assignment: Assignment) -> bool:
    """A conversation at any time; work done at home once it was handed in."""
    if assignment.status == AssignmentStatus.CANCELLED:
        return False
    if assignment.mode == Mode.LIVE:
        return True
    return assignment.status in {AssignmentStatus.HANDED_IN, AssignmentStatus.SCORED}


def aspects(assignment: Assignment, level: Level) -> list[Aspect]:
    """The criteria of the assignment in its order, as its pinned rubric version has them."""
    found = {
        row.criterion.key: row
        for row in CriterionLevel.objects.filter(
            criterion__version=assignment.rubric_version_id,
            criterion__key__in=assignment.criteria,
            level=level,
        ).select_related("criterion")
    }
    anchors: dict[Any, dict[int, Anchor]] = {}
    for anchor in Anchor.objects.for_level(level).filter(
        criterion__in=[row.criterion_id for row in found.values()]
    ):
        anchors.setdefault(anchor.criterion_id, {})[anchor.point] = anchor
    shares = scoring.effective_weights(standard(list(found.values()), level))
    return [
        Aspect(
            number=number,
            standard=found[key],
            share=int(scoring.rounded(100 * shares.get(key, 0), 0)),
            anchors=anchors.get(found[key].criterion_id, {}),
        )
        for number, key in enumerate((key for key in assignment.criteria if key in found), 1)
    ]


def standard(rows: list[CriterionLevel], level: Level) -> scoring.LevelStandard:
    """The same rows in the words of the scoring engine."""
    return scoring.LevelStandard(
        level.key,
        level.name,
        {
            row.criterion.key: scoring.CriterionStandard(row.weight, row.bar, row.is_must_pass)
            for row in rows
        },
    )


def missing(scorecard: Scorecard, judged: list[Aspect]) -> list[Gap]:
    """What keeps a draft from being submitted."""
    gaps = [
        Gap(
            f"point:{aspect.key}",
            _("%(number)s %(name)s: give a point or “Not observed”.")
            % {"number": aspect.number, "name": aspect.name},
        )
        for aspect in judged
        if scorecard.value(f"point:{aspect.key}") not in POINTS
    ]
    if scorecard.value("recommendation") not in Recommendation.values:
        gaps.append(Gap("recommendation", _("Recommendation: choose one.")))
    return gaps


def without_evidence(scorecard: Scorecard, judged: list[Aspect]) -> list[Gap]:
    """Points that ask for evidence and have neither a note nor a quote: said, never refused."""
    return list(_bare(scorecard, judged))


def _bare(scorecard: Scorecard, judged: list[Aspect]) -> Iterator[Gap]:
    for aspect in judged:
        point = scorecard.value(f"point:{aspect.key}")
        if point not in ASKS_EVIDENCE:
            continue
        note = str(scorecard.value(f"evidence:{aspect.key}") or "").strip()
        if not note and not scorecard.value(f"quotes:{aspect.key}"):
            words = {"number": aspect.number, "name": aspect.name, "point": point}
            yield Gap(
                f"evidence:{aspect.key}",
                _("No evidence for %(number)s %(name)s, point %(point)s.") % words,
            )


def scored_count(scorecard: Scorecard, judged: list[Aspect]) -> int:
    return sum(scorecard.value(f"point:{aspect.key}") in POINTS for aspect in judged)


def points(scorecard: Scorecard, judged: list[Aspect]) -> dict[str, int | None]:
    """The points of a draft as the engine reads them; not observed, or nothing yet, is None."""
    chosen = {aspect.key: scorecard.value(f"point:{aspect.key}") for aspect in judged}
    return {key: int(point or 0) or None for key, point in chosen.items()}


def is_abstention(
    scorecard: Scorecard,
    judged: list[Aspect],
    *,
    given: Mapping[str, int | None],
    recommendation: str,
) -> bool:
    """Whether the scorecard would count nowhere: no decision, or too little observed."""
    level = scorecard.assignment.application.job.level
    return scoring.is_abstention(
        given,
        recommendation=recommendation,
        level=standard([aspect.standard for aspect in judged], level),
        criteria=scorecard.assignment.criteria,
        floor=scorecard.assignment.rubric_version.coverage_floor,
    )


def would_abstain(scorecard: Scorecard, judged: list[Aspect]) -> bool:
    return is_abstention(
        scorecard,
        judged,
        given=points(scorecard, judged),
        recommendation=scorecard.value("recommendation") or "",
    )
