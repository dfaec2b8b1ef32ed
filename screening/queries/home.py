"""What the home page says: what needs you, where the loops stand, what comes next.

Everything here passes through `standing`, so that nobody who owes a scorecard for an application
learns of its panel from a count, a date or a missing row.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from candidates.models import Application, ApplicationStatus, Job, TeamMember, TeamRole
from screening.models import AssignmentStatus, Loop, LoopStatus, Mode, Rating, Scorecard
from screening.queries.applications import extended
from screening.queries.standing import (
    STATES,
    Standing,
    counts,
    is_late,
    open_to,
    owed_by,
    standings,
    with_standing,
)

SOON = timedelta(days=2)
WEEK = timedelta(days=7)
SHOWN = 8
APART = 2


@dataclass(frozen=True)
class Need:
    """One thing to do: `kind` is debrief, late, link, panel or own."""

    kind: str
    application: Application
    at: datetime | None = None
    cards: Sequence[Scorecard] = ()
    differ: tuple[int, int] | None = None
    step: Any = None

    @property
    def card(self) -> Scorecard | None:
        return self.cards[0] if self.cards else None

    @property
    def late(self) -> str:
        return late_words(self.cards[0]) if self.cards else ""

    @property
    def until(self) -> datetime | None:
        """Where "Extend 3 days" leads."""
        return extended(self.at) if self.at else None


@dataclass
class LoopRow:
    loop: Loop
    rows: list[Standing] = field(default_factory=list)
    stage_count: int = 0
    minutes: int = 0

    @property
    def counts(self) -> dict[str, int]:
        return counts(self.rows)

    @property
    def tiles(self) -> list[str]:
        return sorted((row.state for row in self.rows), key=STATES.index)

    @property
    def median_days(self) -> float | None:
        """From the link to the last scorecard, over those whose panel is complete."""
        spans = [
            (done - row.steps[0].assignment.created_at).total_seconds() / 86_400
            for row in self.rows
            if row.steps and (done := row.completed_at)
        ]
        return median(spans) if spans else None


@dataclass(frozen=True)
class DueRow:
    interviewer: User
    open: int
    next_due: datetime | None
    late_days: int | None


@dataclass(frozen=True)
class Coming:
    at: datetime
    kind: str
    codes: Sequence[str]
    title: str
    names: Sequence[str]


@dataclass
class Home:
    needs: list[Need]
    own: list[Scorecard]
    loops: list[LoopRow]
    drafts: list[Loop]
    coming: list[Coming]
    due: list[DueRow]
    late: int
    jobs: int
    has_candidates: bool
    has_links: bool

    @property
    def open(self) -> int:
        return sum(row.open for row in self.due)

    @property
    def asks(self) -> int:
        return len(self.needs) + len(self.own)


def late_words(card: Scorecard) -> str:
    """How late, in one unit."""
    hours = (
        max(1, int((timezone.now() - card.due_at).total_seconds() // 3600)) if card.due_at else 0
    )
    if hours < 24:
        return ngettext("%d hour", "%d hours", hours) % hours
    return ngettext("%d day", "%d days", hours // 24) % (hours // 24)


def days_late(card: Scorecard) -> int:
    return max(1, (timezone.now() - card.due_at).days) if card.due_at else 0


def _disagreements(ready: Iterable[Standing]) -> dict[UUID, tuple[int, int]]:
    """Per application: criteria on which two points lie two or more apart, of how many."""
    spreads = (
        Rating.objects.filter(
            scorecard__assignment__application__in=[row.application.pk for row in ready],
            scorecard__status="submitted",
            scorecard__is_abstention=False,
            point__isnull=False,
        )
        .exclude(scorecard__assignment__status=AssignmentStatus.CANCELLED)
        .values_list("scorecard__assignment__application_id", "criterion__key")
        .annotate(low=Min("point"), high=Max("point"))
        .order_by()
    )
    found: dict[UUID, tuple[int, int]] = {}
    for pk, _key, low, high in spreads:
        apart, of = found.get(pk, (0, 0))
        found[pk] = (apart + (high - low >= APART), of + 1)
    return found


def _ready(rows: list[Standing]) -> list[Need]:
    ready = [row for row in rows if row.state == "scored"]
    differ = _disagreements(ready)
    return [
        Need("debrief", row.application, at=row.completed_at, differ=differ.get(row.application.pk))
        for row in ready
    ]


def _late(rows: list[Standing]) -> list[Need]:
    """One row per application, whoever is latest first; a person is named once."""
    found = []
    for row in rows:
        late = sorted((c for c in row.outstanding if is_late(c)), key=lambda c: (c.due_at, c.pk))
        cards = list({card.interviewer_id: card for card in reversed(late)}.values())[::-1]
        if cards:
            found.append(Need("late", row.application, at=cards[0].due_at, cards=cards))
    return sorted(found, key=lambda need: (need.at, need.application.pk))


def _link_ends_soon(row: Standing) -> bool:
    link = row.invitation
    return (
        row.state == "invited"
        and link is not None
        and link.revoked_at is None
        and link.opened_at is None
        and link.expires_at < timezone.now() + SOON
    )


def _recruits(user: User, rows: list[Standing]) -> list[Standing]:
    """Those whose links and panels this user may manage; a hiring manager has only debriefs."""
    if user.is_admin:
        return rows
    mine = set(
        TeamMember.objects.filter(user=user, role=TeamRole.RECRUITER).values_list(
            "job_id", flat=True
        )
    )
    return [row for row in rows if row.application.job_id in mine]


def _needs(user: User, rows: list[Standing]) -> list[Need]:
    rows = [r for r in rows if r.application.status == ApplicationStatus.IN_PROCESS]
    active = _recruits(user, rows)
    needs = _ready(rows) + _late(active)
    needs += [
        Need("link", row.application, at=row.invitation.expires_at)
        for row in active
        if row.invitation and _link_ends_soon(row)
    ]
    needs += [
        Need("panel", row.application, step=step)
        for row in active
        for step in row.steps
        if step.status == "handed_in" and not step.panel
    ]
    return needs


def _due(rows: list[Standing]) -> tuple[list[DueRow], int]:
    by_person: dict[User, list[Scorecard]] = defaultdict(list)
    for row in rows:
        if row.application.status == ApplicationStatus.IN_PROCESS:
            for card in row.outstanding:
                by_person[card.interviewer].append(card)
    found = []
    late = 0
    for person, cards in by_person.items():
        dated = sorted((card for card in cards if card.due_at), key=lambda c: c.due_at or c.pk)
        late += sum(1 for card in dated if is_late(card))
        first = dated[0] if dated else None
        found.append(
            DueRow(
                interviewer=person,
                open=len(cards),
                next_due=first.due_at if first else None,
                late_days=days_late(first) if first and is_late(first) else None,
            )
        )
    end = timezone.now() + timedelta(days=3650)
    found.sort(key=lambda row: (row.next_due or end, row.interviewer.name))
    return found, late


def _coming(rows: list[Standing]) -> list[Coming]:
    now = timezone.now()
    cards: dict[tuple[Any, str], list[tuple[Standing, Scorecard]]] = defaultdict(list)
    found = []
    for row in rows:
        if row.application.status != ApplicationStatus.IN_PROCESS:
            continue
        for card in row.outstanding:
            if card.due_at and now <= card.due_at < now + WEEK:
                step = next(s for s in row.steps if card in s.panel)
                cards[timezone.localdate(card.due_at), step.assignment.title].append((row, card))
        link = row.invitation
        if row.state in {"invited", "working"} and link and now <= link.expires_at < now + WEEK:
            kind = "link" if link.opened_at else "link_unopened"
            found.append(Coming(link.expires_at, kind, [row.application.code], "", []))
    for (_day, title), pairs in cards.items():
        found.append(
            Coming(
                at=min(card.due_at for _row, card in pairs if card.due_at),
                kind="scorecard",
                codes=list(dict.fromkeys(row.application.code for row, _card in pairs)),
                title=title,
                names=list(dict.fromkeys(card.interviewer.name for _row, card in pairs)),
            )
        )
    return sorted(found, key=lambda entry: entry.at)[:SHOWN]


def _loops(user: User, rows: list[Standing]) -> tuple[list[LoopRow], list[Loop]]:
    by_job: dict[UUID, list[Standing]] = defaultdict(list)
    for row in rows:
        # Whoever withdrew is nobody's next step, as on the board; what was decided stays counted.
        if row.application.status == ApplicationStatus.IN_PROCESS or row.state == "decided":
            by_job[row.application.job_id].append(row)
    loops = list(
        Loop.objects.visible_to(user)
        .select_related("job__level")
        .exclude(status=LoopStatus.CLOSED)
        .prefetch_related("stages")
        .order_by("published_at", "created_at")
    )
    active = []
    for loop in loops:
        if loop.status == LoopStatus.PUBLISHED:
            stages = list(loop.stages.all())
            active.append(
                LoopRow(
                    loop,
                    by_job[loop.job_id],
                    stage_count=len(stages),
                    minutes=sum(s.minutes for s in stages if s.mode == Mode.TAKE_HOME),
                )
            )
    return active, [loop for loop in loops if loop.status == LoopStatus.DRAFT]


def own_scorecards(user: User) -> list[Scorecard]:
    """What this user owes and can judge by now, the most urgent first."""
    owed = (
        Scorecard.objects.owed_by(user)
        .select_related("assignment__application__job__level")
        .defer("fields")
        .exclude(assignment__application__conflicts__user=user)
    )
    open_now = [
        card
        for card in owed
        if card.assignment.mode == Mode.LIVE or card.assignment.handed_in_at is not None
    ]
    far = timezone.now() + timedelta(days=3650)
    return sorted(open_now, key=lambda card: (card.due_at or far, str(card.pk)))


def home_of(user: User) -> Home:
    """The home page of one user, at a constant number of queries."""
    applications = with_standing(
        open_to(user).filter(job__loop__status__in=[LoopStatus.PUBLISHED, LoopStatus.CLOSED])
    ).order_by("created_at", "id")
    rows = standings(applications, owed=owed_by(user))
    active, drafts = _loops(user, rows)
    due, late = _due(rows)
    return Home(
        needs=_needs(user, rows),
        own=own_scorecards(user),
        loops=active,
        drafts=drafts,
        coming=_coming(rows),
        due=due,
        late=late,
        jobs=Job.objects.managed_by(user).count(),
        has_candidates=bool(rows) or open_to(user).exists(),
        has_links=any(row.invitation for row in rows),
    )
