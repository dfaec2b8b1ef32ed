"""The rows a result is made of: scorecards with their points as they stand now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import User
from candidates.models import Application
from rubrics.models import RubricVersion
from screening.models import Assignment, Rating, Scorecard, ScorecardStatus


@dataclass
class Card:
    """A scorecard that is due or in; the points of a draft are nobody's business and not here."""

    id: UUID
    user: User
    assignment: Assignment
    status: str
    recommendation: str
    is_abstention: bool
    flaws: Mapping[str, str]
    points: dict[str, int | None] = field(default_factory=dict)

    @property
    def is_submitted(self) -> bool:
        return self.status == ScorecardStatus.SUBMITTED


@dataclass
class Facts:
    """What one application's result is made of."""

    application: Application
    level_key: str
    level_name: str
    version: RubricVersion | None = None
    loop: list[str] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)

    @property
    def counting(self) -> list[Card]:
        """Scorecards that are in a mean: submitted, and no abstention."""
        return [card for card in self.cards if card.is_submitted and not card.is_abstention]

    @property
    def is_complete(self) -> bool:
        return all(card.is_submitted for card in self.cards)


def facts_of(applications: Iterable[Application]) -> dict[UUID, Facts]:
    """Everything at a constant number of queries. The standard is the newest one pinned."""
    pks = [application.pk for application in applications]
    found = {
        application.pk: Facts(application, application.job.level.key, application.job.level.name)
        for application in Application.objects.filter(pk__in=pks).select_related(
            "job__level", "candidate"
        )
    }
    assignments = (
        Assignment.objects.live()
        .filter(application__in=pks)
        .select_related("rubric_version__rubric")
        .order_by("position", "pk")
    )
    by_pk = {}
    for assignment in assignments:
        by_pk[assignment.pk] = assignment
        own = found[assignment.application_id]
        own.loop.extend(key for key in assignment.criteria if key not in own.loop)
        if own.version is None or assignment.rubric_version.number > own.version.number:
            own.version = assignment.rubric_version
    cards = _cards(by_pk)
    for card in cards.values():
        found[card.assignment.application_id].cards.append(card)
    _give_points(cards)
    return found


def _cards(assignments: Mapping[UUID, Assignment]) -> dict[UUID, Card]:
    rows = (
        Scorecard.objects.filter(assignment__in=list(assignments))
        .exclude(status=ScorecardStatus.DECLINED)
        .select_related("interviewer")
        .defer("fields", "summary")
        .order_by("interviewer__name", "assignment__position", "pk")
    )
    return {
        row.pk: Card(
            id=row.pk,
            user=row.interviewer,
            assignment=assignments[row.assignment_id],
            status=row.status,
            recommendation=row.recommendation,
            is_abstention=row.is_abstention,
            flaws=row.flaws,
        )
        for row in rows
    }


def _give_points(cards: Mapping[UUID, Card]) -> None:
    rows = (
        Rating.objects.filter(scorecard__in=[pk for pk, card in cards.items() if card.is_submitted])
        .select_related("criterion")
        .defer("evidence", "quotes")
    )
    for row in rows:
        cards[row.scorecard_id].points[row.criterion.key] = row.point
