"""An interviewer's own scorecards, in the order in which they fall due."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.timesince import timesince

from accounts.models import User
from screening.models import AssignmentStatus, Mode, Scorecard, ScorecardStatus
from screening.queries import scorecards
from screening.queries.scorecards import can_be_scored

OPEN = Q(assignment__mode=Mode.LIVE) | Q(
    assignment__status__in=[AssignmentStatus.HANDED_IN, AssignmentStatus.SCORED]
)
DRAFT = Q(status=ScorecardStatus.DRAFT)


@dataclass(frozen=True)
class Counts:
    to_score: int
    waiting: int
    submitted: int


@dataclass(frozen=True)
class Row:
    """One scorecard as the inbox shows it."""

    scorecard: Scorecard
    now: datetime

    @property
    def state(self) -> str:
        """`submitted`, `waiting` for the candidate, or `to_score`."""
        if self.scorecard.status == ScorecardStatus.SUBMITTED:
            return "submitted"
        return "to_score" if can_be_scored(self.scorecard.assignment) else "waiting"

    @property
    def points(self) -> int:
        keys = self.scorecard.assignment.criteria
        return sum(self.scorecard.value(f"point:{key}") in scorecards.POINTS for key in keys)

    @property
    def criteria(self) -> int:
        return len(self.scorecard.assignment.criteria)

    @property
    def is_begun(self) -> bool:
        return self.scorecard.started_at is not None

    @property
    def is_late(self) -> bool:
        due = self.scorecard.due_at
        return self.state == "to_score" and due is not None and due < self.now

    @property
    def late(self) -> str:
        """How late, in its largest unit: "2 days"."""
        return timesince(self.scorecard.due_at or self.now, self.now, depth=1)

    @property
    def is_due_today(self) -> bool:
        due = self.scorecard.due_at
        if due is None or self.is_late:
            return False
        return timezone.localdate(due) == timezone.localdate(self.now)


def _cards(user: User) -> "QuerySet[Scorecard]":
    cards: QuerySet[Scorecard] = scorecards.own(user).exclude(
        assignment__status=AssignmentStatus.CANCELLED
    )
    return cards


def counts(user: User) -> Counts:
    found = _cards(user).aggregate(
        to_score=Count("pk", filter=DRAFT & OPEN),
        waiting=Count("pk", filter=DRAFT & ~OPEN),
        submitted=Count("pk", filter=Q(status=ScorecardStatus.SUBMITTED)),
    )
    return Counts(**found)


def listed(user: User, *, with_finished: bool) -> "QuerySet[Scorecard]":
    """To score first, then what still waits for the candidate, then (if asked) what is done."""
    cards = _cards(user)
    if not with_finished:
        cards = cards.filter(DRAFT)
    return cards.select_related("assignment__application__job__level").order_by(
        F("submitted_at").desc(nulls_first=True), F("due_at").asc(nulls_last=True), "id"
    )


def rows(cards: "list[Scorecard]") -> list[Row]:
    now = timezone.now()
    return [Row(card, now) for card in cards]


def next_to_score(user: User, *, after: Scorecard) -> Scorecard | None:
    """What this interviewer would open next."""
    return listed(user, with_finished=False).filter(OPEN).exclude(pk=after.pk).first()
